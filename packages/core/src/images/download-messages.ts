import { defineMessages } from '../messages/define-messages.ts';
import type { Say } from '../messages/define-messages.ts';

const texts = {
  'download-page': {
    en: 'A web page refused the download from {host} (status {status}), as proxies and login pages do; stores of images do not answer with pages. Clear the way and try again: the job is kept.',
    zh: '从 {host} 下载时被一个网页拒绝（状态码 {status}），通常来自代理或登录页；图片存储不会返回网页。请排除阻碍后重试：任务已保留。',
  },
  'download-expired': { en: "The image's address at {host} has expired or was withdrawn (status {status}). The image is no longer available; generating it again costs again.", zh: '{host} 上的图片地址已过期或被撤销（状态码 {status}）。图片已无法取回；重新生成需要再次付费。' },
  'download-rate': { en: '{host} limits the rate of downloads (status 429). Try again later.', zh: '{host} 限制了下载速率（状态码 429）。请稍后重试。' },
  'download-unavailable': { en: '{host} could not deliver the image (status {status}). Try again later.', zh: '{host} 无法提供图片（状态码 {status}）。请稍后重试。' },
  'download-status': { en: '{host} answered the download with status {status} instead of an image.', zh: '{host} 对下载返回状态码 {status}，而不是图片。' },
  'download-broken': { en: 'The download from {host} broke off. Check the network and try again.', zh: '从 {host} 的下载中断。请检查网络后重试。' },
  'download-broken-code': { en: 'The download from {host} broke off ({code}). Check the network and try again.', zh: '从 {host} 的下载中断（{code}）。请检查网络后重试。' },
  'download-no-image': { en: '{host} did not send an image ({type}, {bytes} bytes). Check proxies and login pages on the way, and try again: the job is kept.', zh: '{host} 返回的不是图片（{type}，{bytes} 字节）。请检查途中的代理和登录页，然后重试：任务已保留。' },
  'download-no-type': { en: 'no content type', zh: '没有内容类型' },
  'download-damaged': { en: 'The image from {host} is cut short or damaged ({bytes} bytes). Try again.', zh: '来自 {host} 的图片不完整或已损坏（{bytes} 字节）。请重试。' },
  'download-stopped': { en: 'The download from {host} was stopped. The image can still be fetched.', zh: '从 {host} 的下载已停止。图片仍可取回。' },
  'download-idle': { en: 'The download from {host} received no byte for {ms} ms. Check the network and try again.', zh: '从 {host} 的下载在 {ms} 毫秒内没有收到任何字节。请检查网络后重试。' },
  'download-redirects': { en: '{host} redirects the download more than {max} times.', zh: '{host} 把下载重定向了 {max} 次以上。' },
  'download-not-stored': { en: 'The image could not be stored. Check the disk, then fetch it again.', zh: '无法保存图片。请检查磁盘，然后再次取回。' },
  'download-large': { en: 'The image from {host} exceeds the limit of {max} bytes.', zh: '来自 {host} 的图片超过上限 {max} 字节。' },
  'download-no-url': { en: 'The provider gave an address for the image that is not a URL.', zh: '服务给出的图片地址不是 URL。' },
  'download-host': { en: 'the provider', zh: '服务' },
  'address-protocol': { en: "The image's address has the protocol {protocol} instead of https:. It is not fetched.", zh: '图片地址的协议是 {protocol}，而不是 https:。不予下载。' },
  'address-password': { en: "The image's address at {host} contains a user or password. It is not fetched.", zh: '{host} 上的图片地址含有用户名或密码。不予下载。' },
  'address-plain': { en: '{from} redirects the download to {host} without encryption. It is not fetched.', zh: '{from} 把下载重定向到未加密的 {host}。不予下载。' },
  'address-private': { en: "The image's address is at {host}, on a private network. If this server is yours, name it in the backend's settings. It is not fetched.", zh: '图片地址在私有网络的 {host}。如果这是你自己的服务器，请在后端设置中列出它。不予下载。' },
  'more-images': { en: '{got} images came, and only {kept} {kept:is|are} kept: no more were asked for.', zh: '返回了 {got} 张图片，只保留 {kept} 张：没有要求更多。' },
} as const;

/** What goes wrong on the way to an image. */
export const say: Say<typeof texts> = defineMessages('core', texts);
