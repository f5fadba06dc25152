import { chineseBackendSentences } from './chinese-backend-sentences.ts';
import { chineseRequestSentences } from './chinese-request-sentences.ts';
import type { Sentence } from './translate.ts';

/** What core and hybrid say of tasks and sessions. */
const taskSentences: readonly Sentence[] = [
  // Requests.
  ['The backend has no parameter for a style; it was written into the prompt.', '后端没有画风参数；已写进提示词。'],
  [
    'The backend has no parameter for a negative prompt; it was written into the prompt.',
    '后端没有反向提示词参数；已写进提示词。',
  ],
  // Waiting and ends.
  [
    '{} has failed again and again, so nothing is sent to it for a while. Check it with "doctor", then run the same command again.',
    '{1} 连续失败，暂时不再发送。请用 "doctor" 检查，然后再次运行同一条命令。',
  ],
  [
    'The task waited longer than {} ms for its turn (queueTimeoutMs). Nothing was sent.',
    '任务排队超过 {1} 毫秒（queueTimeoutMs）。没有发送请求。',
  ],
  ['The task took longer than {} ms (timeoutMs).', '任务超过 {1} 毫秒（timeoutMs）。'],
  ['The task was stopped while it waited for its turn. Nothing was sent.', '任务在排队时被停止。没有发送请求。'],
  ['The task was stopped before the provider took it. Nothing was paid.', '任务在服务受理之前被停止。没有付费。'],
  [
    'Another process is working on the task {}; waiting for it was stopped. This run sent nothing.',
    '另一个进程正在处理任务 {1}；已停止等待。本次没有发送请求。',
  ],
  // Money.
  [
    'This needs {} more paid submission(s); {} of the allowed {} have been made. Raise maxSubmissions to go on.',
    '还需要 {1} 次付费提交；允许的 {3} 次已用 {2} 次。要继续请提高 maxSubmissions。',
  ],
  [
    'This would bring the cost to about {} {}, more than the allowed {} {}. Raise maxCost to go on.',
    '这样费用将达到约 {1} {2}，超过允许的 {3} {4}。要继续请提高最高费用（--max-cost）。',
  ],
  [
    'The job {} belongs to another account, region or server of {}. Configure that one and run "resume" to fetch it.',
    '任务 {1} 属于 {2} 的另一个账号、地域或服务器。请配置它，然后运行 "resume" 取回。',
  ],
  [
    'Session {} has open jobs at {}, which is not configured. Configure it and resume again.',
    '会话 {1} 在 {2} 有未完成的任务，但该后端没有配置。请配置后再次续取。',
  ],
  ['The task was stopped after {} had taken it.', '任务在 {1} 受理之后被停止。'],
  ['The job did not end within {} ms (timeoutMs).', '任务在 {1} 毫秒内没有结束（timeoutMs）。'],
  [
    'Its job {} is kept: run the same task again, or "resume", to fetch it at no cost.',
    '任务 {1} 已记录：再次运行同一任务或 "resume" 即可取回，不再付费。',
  ],
  ['{} had been made by {} before, and that image is kept.', '{1} 先前已由 {2} 生成，图片保留。'],
  ['For one of {}, give it another output path (--out).', '如需由 {1} 生成，请给出另一个输出路径（--out）。'],
  // Storage.
  ['{} cannot be written ({}).', '无法写入 {1}（{2}）。'],
  [
    'The image {} is paid for and cannot be read now ({}), so it is not known whether it is whole.',
    '图片 {1} 已付费，但现在无法读取（{2}），因此不知道它是否完整。',
  ],
  [
    'Check its permissions and the disk, then run the same task again; nothing was sent.',
    '请检查其权限和磁盘，然后再运行同一任务；没有发送任何内容。',
  ],
  [
    'The file name is too long for this file system: give a shorter one.',
    '文件名对此文件系统来说太长：请换一个短一些的。',
  ],
  [
    'A web page refused the download from {} (status {}), as proxies and login pages do; stores of images do not answer with pages.',
    '从 {1} 下载时被一个网页拒绝（状态码 {2}），通常来自代理或登录页；图片存储不会返回网页。',
  ],
  ['Clear the way and try again: the job is kept.', '请排除阻碍后重试：任务已保留。'],
  [
    'The run was stopped while {} was asked whether the submission of {} had arrived.',
    '正在询问 {1} 是否收到 {2} 的提交时，运行被停止。',
  ],
  ['Run the same task again, or "resume", to ask again.', '再运行同一任务或 "resume" 即可再次询问。'],
  [
    'The disk is full: free some space and run the same command again; nothing paid for is lost.',
    '磁盘已满：请腾出空间后再次运行同一条命令；已付费的不会丢失。',
  ],
  [
    'The folder is not writable for this user: change its permissions or choose another output folder.',
    '当前用户不能写入此目录：请修改权限或换一个输出目录。',
  ],
  ['The file system is read-only: choose another output folder.', '文件系统只读：请换一个输出目录。'],
  [
    'A part of the path is a file and no folder: choose another output folder.',
    '路径中有一部分是文件而不是目录：请换一个输出目录。',
  ],
  ['Check the disk and the folder.', '请检查磁盘和目录。'],
  [
    'Task {} is being worked on by {} and cannot be forgotten. Wait until it ends, or stop that process first.',
    '任务 {1} 正由 {2} 处理，不能移除。请等它结束，或先停止那个进程。',
  ],
  // Sessions.
  ['the first available backend in order of priority', '按优先级第一个可用的后端'],
  ['taken over from an owner that is gone', '从已退出的进程接手'],
  ['{} could not be used ({}): {}', '{1} 不可用（{2}）：{3}'],
  ['restarted because {} could not be used ({}): {}', '因 {1} 不可用（{2}）而重新开始：{3}'],
  ['back to {}: the restart found no other backend that could take the session', '回到 {1}：没有其他后端能接手此会话'],
  ['Made again because {}.', '重新生成，因为{1}。'],
  ['its description has changed', '描述有变化'],
  [
    'No image backend is configured. Set HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY, or OPENAI_API_KEY, or COMFYUI_URL.',
    '没有配置任何后端。请设置 HUNYUAN_SECRET_ID 和 HUNYUAN_SECRET_KEY，或 OPENAI_API_KEY，或 COMFYUI_URL。',
  ],
  ['No image backend is available.', '没有可用的后端。'],
  ['No image backend could take the session.', '没有后端能接手此会话。'],
  ['hunyuan:', 'hunyuan：'],
  ['openai:', 'openai：'],
  ['comfyui:', 'comfyui：'],
  [
    'Session {} has {} image(s), made by {}. Giving up the lock makes them stale, and they will be paid for again. Pass { discardAssets: true } (--discard-assets) to do so.',
    '会话 {1} 有 {2} 张图片，由 {3} 生成。放弃锁会使它们失效，需要重新付费。确认请加 --discard-assets。',
  ],
  ['HOLODECK_BACKENDS names {}, but it is not configured: {}', 'HOLODECK_BACKENDS 中有 {1}，但它没有配置：{2}'],
];

/** Every sentence of the libraries that has a translation. */
export const chineseSentences: readonly Sentence[] = [
  ...chineseBackendSentences,
  ...taskSentences,
  ...chineseRequestSentences,
];
