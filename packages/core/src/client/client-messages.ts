import { defineMessages } from '../messages/define-messages.ts';
import type { Say } from '../messages/define-messages.ts';

const texts = {
  'option-unknown': { en: 'Unknown option {name}. Known: {known}.', zh: '未知的选项 {name}。已知：{known}。' },
  'option-number': { en: 'The option {name} is {value}; it must be a number from {min}.', zh: '选项 {name} 为 {value}；必须是不小于 {min} 的数字。' },
  'option-whole': { en: 'The option {name} is {value}; it must be a whole number from {min}.', zh: '选项 {name} 为 {value}；必须是不小于 {min} 的整数。' },
  'option-concurrency': { en: 'The option maxConcurrent is {value}; it must be a whole number from 1, or "auto".', zh: '选项 maxConcurrent 为 {value}；必须是不小于 1 的整数，或 "auto"。' },
  'option-unsupported': { en: 'The option onUnsupported is {value}; it must be "error" or "warn".', zh: '选项 onUnsupported 为 {value}；必须是 "error" 或 "warn"。' },
  'option-confine': { en: 'The option confineToOutputDir needs an outputDir to confine files to.', zh: '选项 confineToOutputDir 需要 outputDir，文件只能写在其中。' },
  'option-gate': { en: 'The option {name} has no effect with costGate: pass it to the gate.', zh: '有 costGate 时选项 {name} 不起作用：请把它交给 costGate。' },
  'no-lane': { en: 'The backend {backend} has no lane: it has no account or server to send to.', zh: '后端 {backend} 没有通道：没有可以发送的账号或服务器。' },
  'client-closing': { en: 'The client was closed.', zh: '客户端已关闭。' },
  'client-closed': { en: 'The client is closed; make a new one.', zh: '客户端已关闭；请新建一个。' },
  'same-file': { en: 'Another running task writes to {path}. Give each task its own [outputPath|output path].', zh: '另一个正在进行的任务会写入 {path}。请给每个任务各自的[ outputPath|输出路径]。' },
  'probe-late': { en: '{backend} did not answer within {ms} ms; it may only be slow.', zh: '{backend} 在 {ms} 毫秒内没有应答，可能只是较慢。' },
  'probe-remedy': { en: 'Check the address, the network and the proxy settings, then try again.', zh: '请检查地址、网络和代理设置，然后重试。' },
  'pool-empty': { en: 'A pool needs at least one backend.', zh: '池中至少需要一个后端。' },
  'pool-same': { en: 'Two members of the pool send to the same account or server ({label}). Leave one of them out.', zh: '池中有两个成员发送到同一个账号或服务器（{label}）。请去掉其中一个。' },
  'pool-differs': { en: 'The members of a pool must draw alike, but their {field} differs: {first} ({lane}) and {second} ({other}).', zh: '池中的成员必须画得一样，但它们的 {field} 不同：{first}（{lane}）和 {second}（{other}）。' },
  'pool-abilities': { en: 'The members of a pool must be able to do the same, but {backend} at {lane} and at {other} differ in what they can do. Give all of them the same options.', zh: '池中的成员必须有同样的能力，但 {lane} 和 {other} 的 {backend} 能力不同。请给它们相同的选项。' },
  'pool-ready': { en: 'All {count} members are ready.', zh: '{count} 个成员全部就绪。' },
  'pool-partly': { en: '{ready} of {count} members are ready.', zh: '{count} 个成员中有 {ready} 个就绪。' },
  'pool-member': { en: '{member} ({status}): {message}', zh: '{member}（{status}）：{message}' },
  'pool-submission': { en: 'The submission belongs to an account, region or server that is not a member of this pool. Add that member to fetch it.', zh: '此提交属于不在此池中的账号、地域或服务器。请加入该成员以取回。' },
  'pool-job': { en: 'The job {jobId} belongs to an account, region or server that is not a member of this pool. Add that member to fetch it.', zh: '任务 {jobId} 属于不在此池中的账号、地域或服务器。请加入该成员以取回。' },
} as const;

/** What is wrong with a client, its options or its backend. */
export const say: Say<typeof texts> = defineMessages('core', texts);
