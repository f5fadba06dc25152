import type { Sentence } from './translate.ts';

const networkSentences: readonly Sentence[] = [
  ['{} answered {}: {}.', '{1} 返回 {2}：{3}。'],
  ['Check the network.', '请检查网络。'],
  ['{} did not answer within {} ms; it may only be slow.', '{1} 在 {2} 毫秒内没有应答，可能只是较慢。'],
  ['Check the address, the network and the proxy settings, then try again.', '请检查地址、网络和代理设置，然后重试。'],
  ['Could not connect to the proxy {} ({}).', '无法连接代理 {1}（{2}）。'],
  ['Could not connect to the proxy {}: {}', '无法连接代理 {1}：{2}'],
  ['Could not connect to {} through the proxy {}: {}', '无法经代理 {2} 连接 {1}：{3}'],
  ['Could not connect to {} ({}).', '无法连接 {1}（{2}）。'],
  ['Could not connect to {}: {}', '无法连接 {1}：{2}'],
  ['the connection was closed', '连接被关闭'],
  ['No connection to {} through the proxy {} within {} ms', '经代理 {2} 连接 {1} 超过 {3} 毫秒'],
  ['No connection to {} within {} ms', '连接 {1} 超过 {2} 毫秒'],
  ['The proxy {} refused a tunnel to {} with status {}. {}', '代理 {1} 拒绝建立到 {2} 的隧道，状态码 {3}。{4}'],
  ['Check the user and password of the proxy', '请检查代理的用户名和密码'],
  ['Check the proxy, or list the host in NO_PROXY', '请检查代理，或把该主机加入 NO_PROXY'],
  ['The proxy {} gave no tunnel to {}: {}', '代理 {1} 没有建立到 {2} 的隧道：{3}'],
  [
    '{} does not hold the address of a proxy. Set it to http://host:port or unset it.',
    '{1} 不是代理地址。请设为 http://host:port，或取消设置。',
  ],
  [
    '{} names a proxy of type {}; only http and https proxies are supported. Set it to http://host:port or unset it.',
    '{1} 的代理类型是 {2}；只支持 http 和 https 代理。请设为 http://host:port，或取消设置。',
  ],
];

/** What the backends and the network say, in Chinese. */
export const chineseBackendSentences: readonly Sentence[] = networkSentences;
