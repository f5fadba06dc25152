import { defineMessages } from '@holodeck/core/messages';
import type { Say } from '@holodeck/core/messages';

const texts = {
  'no-sdk': { en: 'the SDK of Tencent Cloud could not be loaded; install the dependencies again', zh: '无法加载腾讯云 SDK；请重新安装依赖' },
  'no-reason': { en: 'no reason given', zh: '没有说明原因' },
  'late-connection': { en: 'no connection in time', zh: '没有及时连上' },
  'cut-short': { en: 'the answer was cut short', zh: '应答中途断开' },
  'not-json': { en: "the answer is not the service's JSON", zh: '应答不是该服务的 JSON' },
  'too-long': { en: 'the answer is longer than any of the service', zh: '应答比该服务的任何应答都长' },
  'endpoint-service': { en: 'The endpoint {host} belongs to another service of the vendor; this API needs one that begins with "{service}.", such as {standard}.', zh: '地址 {host} 属于厂商的另一个服务；此接口需要以 "{service}." 开头的地址，例如 {standard}。' },
  'endpoint-wrong': { en: 'The endpoint {endpoint} is not an address. {remedy}', zh: '地址 {endpoint} 不是网址。{remedy}' },
  'endpoint-protocol': { en: '[The endpoint|HUNYUAN_ENDPOINT] begins with {protocol}, and only http and https are taken. {remedy}', zh: '[地址|HUNYUAN_ENDPOINT ]以 {protocol} 开头，而这里只接受 http 和 https。{remedy}' },
  'endpoint-user': { en: '[The endpoint|HUNYUAN_ENDPOINT] carries a user name or password. {remedy}', zh: '[地址|HUNYUAN_ENDPOINT ]中含有用户名或密码。{remedy}' },
  'endpoint-path': { en: '[The endpoint|HUNYUAN_ENDPOINT] has a path, and the service has none. {remedy}', zh: '[地址|HUNYUAN_ENDPOINT ]中含有路径，而该服务没有路径。{remedy}' },
  'endpoint-form': { en: 'Give a host such as "{standard}" or an address such as "http://127.0.0.1:8080".', zh: '请给出主机名，例如 "{standard}"，或地址，例如 "http://127.0.0.1:8080"。' },
} as const;

/** What the connection to the service met with, and what is wrong with its address. */
export const say: Say<typeof texts> = defineMessages('hunyuan', texts);
