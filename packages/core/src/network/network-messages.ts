import { defineMessages } from '../messages/define-messages.ts';
import type { Say } from '../messages/define-messages.ts';

const texts = {
  'the-proxy': { en: 'the proxy {proxy}', zh: '代理 {proxy}' },
  'through-proxy': { en: '{endpoint} through the proxy {proxy}', zh: '{endpoint}（经代理 {proxy}）' },
  'connection-failed': { en: 'Could not connect to {target} ({detail}).', zh: '无法连接 {target}（{detail}）。' },
  'connection-failed-because': { en: 'Could not connect to {target}: {reason}.', zh: '无法连接 {target}：{reason}。' },
  'connection-closed': { en: 'the connection was closed', zh: '连接被关闭' },
  'connection-given-up': { en: 'Connecting to {target} was stopped.', zh: '已放弃连接 {target}。' },
  'connection-late': { en: 'No connection to {target} within {ms} ms.', zh: '{ms} 毫秒内没有连上 {target}。' },
  'no-reason': { en: 'no reason given', zh: '没有说明原因' },
  'proxy-login': { en: 'The proxy {proxy} refused a tunnel to {target} with status {status}. Check the user and password of the proxy.', zh: '代理 {proxy} 拒绝建立到 {target} 的隧道，状态码 {status}。请检查代理的用户名和密码。' },
  'proxy-refused': { en: 'The proxy {proxy} refused a tunnel to {target} with status {status}. Check the proxy, or list the host in NO_PROXY.', zh: '代理 {proxy} 拒绝建立到 {target} 的隧道，状态码 {status}。请检查代理，或把该主机加入 NO_PROXY。' },
  'proxy-no-tunnel': { en: 'The proxy {proxy} gave no tunnel to {target}: {reason}.', zh: '代理 {proxy} 没有建立到 {target} 的隧道：{reason}。' },
  'proxy-address': { en: '{variable} is not the address of a proxy. Set it to http://host:port or unset it.', zh: '{variable} 不是代理地址。请设为 http://host:port，或取消设置。' },
  'proxy-type': { en: '{variable} names a proxy of type {type}; only http and https proxies are supported. Set it to http://host:port or unset it.', zh: '{variable} 的代理类型是 {type}；只支持 http 和 https 代理。请设为 http://host:port，或取消设置。' },
  agent: { en: 'The option "agent" is not an agent of node:http. Pass an http.Agent or leave the option out.', zh: '选项 "agent" 不是 node:http 的 agent。请传入 http.Agent，或不设置此选项。' },
} as const;

/** Why there is no connection. */
export const say: Say<typeof texts> = defineMessages('core', texts);
