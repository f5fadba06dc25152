import type { Sentence } from './translate.ts';

/** What the packages say of a shared store and of sessions. */
export const chineseRequestSentences: readonly Sentence[] = [
  // A shared queue or store.
  [
    'The Redis server {} cannot be reached ({}); it was waited for {} ms.',
    '无法访问 Redis 服务器 {1}（{2}）；已等待 {3} 毫秒。',
  ],
  [
    "Nothing is sent without it, because the account's limit and the record of what is paid are kept there.",
    '账号的额度和付费记录都在其中，因此没有它就不发送任何请求。',
  ],
  [
    'Start the server or check the address, then run the same again.',
    '请启动服务器或检查地址，然后再次运行同一条命令。',
  ],
  ['The Redis address is no URL.', 'Redis 地址不是 URL。'],
  [
    'The job of {} was removed from the queue before any worker had taken it, so it has sent nothing.',
    '{1} 的任务在任何 worker 接手之前就从队列中移除，因此没有发送请求。',
  ],
  [
    'The job of {} was removed from the queue, and it cannot be told here whether a worker had sent it before.',
    '{1} 的任务已从队列中移除，这里无法确定之前是否有 worker 发送过。',
  ],
  [
    'Run the task again: what was paid is fetched and not paid again.',
    '请再次运行该任务：已付费的会取回，不会重复付费。',
  ],
  [
    'The job of {} was removed from the queue after the provider had taken it.',
    '{1} 的任务在服务受理之后从队列中移除。',
  ],
  ['Run the task again: its image is fetched at no cost.', '请再次运行该任务：图片会取回，不再付费。'],
  ['The Redis address begins with {}.', 'Redis 地址以 {1} 开头。'],
  ['The Redis address names no host.', 'Redis 地址中没有主机。'],
  [
    'The Redis address has something other than "prefix" after its question mark or hash.',
    'Redis 地址的问号或井号之后有 "prefix" 以外的内容。',
  ],
  ['The Redis database, after the slash, is no number.', 'Redis 地址斜杠后的数据库编号不是数字。'],
  [
    'Write redis://host:6379/0, with a password redis://:password@host:6379/0, or rediss:// for TLS; special characters of a password are percent-encoded.',
    '请写成 redis://host:6379/0，有密码时为 redis://:password@host:6379/0，使用 TLS 时为 rediss://；密码中的特殊字符要用百分号编码。',
  ],
  // Sessions.
  [
    'The session id {} has characters other than letters, digits, "-", "_" and inner dots.',
    '会话 id {1} 含有字母、数字、“-”、“_”和中间的点以外的字符。',
  ],
];
