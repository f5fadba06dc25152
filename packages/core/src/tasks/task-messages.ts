import { defineMessages } from '../messages/define-messages.ts';
import type { Say } from '../messages/define-messages.ts';

const texts = {
  'with-detail': { en: '{message} ({detail})', zh: '{message}（{detail}）' },
  'task-timeout': { en: 'The task took longer than {ms} ms[ (timeoutMs)|].', zh: '任务超过 {ms} 毫秒[（timeoutMs）|]。' },
  'task-silent': { en: 'Nothing was heard of the task for {ms} ms[ (timeoutMs)|].', zh: '{ms} 毫秒内没有任务的任何消息[（timeoutMs）|]。' },
  'task-unexpected': { en: 'The task ended in an unexpected way.', zh: '任务意外结束。' },
  'task-removed': { en: 'The task {taskId} was removed from the store meanwhile.', zh: '任务 {taskId} 已从存储中移除。' },
  'task-taken-over': { en: 'The task {taskId} was taken over by another process, which goes on with it. Its result stands in the store.', zh: '任务 {taskId} 已由另一个进程接手并继续。结果见存储。' },
  'task-elsewhere': { en: 'Another process is working on the task {taskId}; waiting for it was stopped. This run sent nothing.', zh: '另一个进程正在处理任务 {taskId}；已停止等待。本次没有发送请求。' },
  'nothing-to-fetch': { en: 'Nothing is left to fetch for {taskId}; its submission did not arrive or its image is gone. Run the task again.', zh: '{taskId} 没有可取回的内容；提交没有到达，或图片已不存在。请再次运行该任务。' },
  'image-unreadable': {
    en: 'The image {path} is paid for and cannot be read now ({code}), so it is not known whether it is whole. Check its permissions and the disk, then run the same task again; nothing was sent.',
    zh: '图片 {path} 已付费，但现在无法读取（{code}），因此不知道它是否完整。请检查其权限和磁盘，然后再运行同一任务；没有发送任何内容。',
  },
  'image-in-memory': { en: 'The image', zh: '图片' },
  'made-before': { en: '{taskId} had been made by {before} before, and that image is kept. For one of {backend}, give it another output path[| (--out)].', zh: '{taskId} 先前已由 {before} 生成，图片保留。如需由 {backend} 生成，请给出另一个输出路径[|（--out）]。' },
  'fewer-images': { en: '{count} {count:image was|images were} asked for; {got} came.', zh: '要求 {count} 张图片；实际得到 {got} 张。' },
  'size-differs': { en: 'The image is {size}, but {wanted} was asked for.', zh: '图片尺寸为 {size}，但要求的是 {wanted}。' },
  'delivered-oversized': { en: '{backend} delivered an image of {size} pixels (number {number}). That is far more than was asked for, so it is not kept.', zh: '{backend} 返回的第 {number} 张图片为 {size} 像素，远大于要求的尺寸，因此不予保留。' },
  'format-differs': { en: 'The file name ends in {extension}, but its bytes are {type}.', zh: '文件名以 {extension} 结尾，但内容是 {type}。' },
  'unknown-end': { en: 'The submission to {backend} ended in an unexpected way; it cannot be told whether it arrived.', zh: '发送到 {backend} 的提交意外结束；无法确定是否已到达。' },
  'unknown-crash': {
    en: 'A process stopped while it was sending {taskId} to {backend}, so it cannot be told whether the job was taken and paid. It is not sent again automatically: look at the provider\'s console, then allow it with [resubmitUnknown or forget it|--resubmit-unknown or forget it with "jobs forget"].',
    zh: '有进程在把 {taskId} 发送到 {backend} 时停止，无法确定任务是否已受理并付费，因此不会自动重发：请查看服务的控制台，然后用 [resubmitUnknown 允许重发，或将其移除|--resubmit-unknown 允许重发，或用 "jobs forget" 移除]。',
  },
  'sent-again': { en: 'The earlier job of {taskId} was lost at {backend}, such as by a restart of its server. It was sent again; both are free.', zh: '{taskId} 先前的任务在 {backend} 丢失（例如服务器重启）。已重新发送；两次均免费。' },
  'paid-again': {
    en: 'The earlier submission of {taskId} to {backend} is lost and counts as paid; it is sent and paid again. [Set noRepay: true|Pass --no-repay] to let such tasks fail instead.',
    zh: '{taskId} 先前发送到 {backend} 的提交已丢失并计为已付费；现在再次发送并付费。如需让此类任务失败，请[设置 noRepay: true|使用 --no-repay]。',
  },
  'not-paid-again': { en: 'The earlier submission of {taskId} to {backend} is lost and counts as paid. It is not paid again because of [noRepay|--no-repay]; nothing was sent.', zh: '{taskId} 先前发送到 {backend} 的提交已丢失并计为已付费。由于 [noRepay|--no-repay]，不再付费；没有发送任何内容。' },
  'stopped-asking': { en: 'The run was stopped while {backend} was asked whether the submission of {taskId} had arrived. Run the same task again, or "resume", to ask again.', zh: '正在询问 {backend} 是否收到 {taskId} 的提交时，运行被停止。再运行同一任务或 "resume" 即可再次询问。' },
  'stopped-unsent': { en: 'The task was stopped before it was sent. Nothing was paid.', zh: '任务在发送之前被停止。没有付费。' },
  'stopped-untaken': { en: 'The task was stopped before the provider took it. Nothing was paid.', zh: '任务在服务受理之前被停止。没有付费。' },
  'stopped-taken': { en: 'The task was stopped after {backend} had taken it.', zh: '任务在 {backend} 受理之后被停止。' },
  'stopped-cancelled': { en: 'The task was stopped and its job {jobId} was cancelled.', zh: '任务被停止，其任务 {jobId} 已取消。' },
  'late-unsent': { en: 'The task ran out of time before it was sent ({ms} ms[, timeoutMs|]). Nothing was paid.', zh: '任务在发送之前超时（{ms} 毫秒[，timeoutMs|]）。没有付费。' },
  'late-tried': { en: 'It was tried for {ms} ms[ (timeoutMs)|]; nothing was paid.', zh: '已尝试 {ms} 毫秒[（timeoutMs）|]；没有付费。' },
  'late-taken': { en: 'The job did not end within {ms} ms[ (timeoutMs)|].', zh: '任务在 {ms} 毫秒内没有结束[（timeoutMs）|]。' },
  'silent-taken': { en: 'Nothing was heard of the job for {ms} ms: no event, and no change in the queue. If jobs there rest that long, raise [timeoutMs|--timeout].', zh: '{ms} 毫秒内没有任务的任何消息：没有事件，队列也没有变化。如果那里的任务会停留这么久，请调高 [timeoutMs|--timeout]。' },
  'job-kept': { en: 'Its job {jobId} is kept: run the same task again, or "resume", to fetch it at no cost.', zh: '任务 {jobId} 已记录：再次运行同一任务或 "resume" 即可取回，不再付费。' },
  'job-in-memory': { en: 'Its job is {jobId}; it is kept only as long as this process runs, because no output folder was given.', zh: '其任务是 {jobId}；由于没有给出输出目录，只在此进程运行期间保留。' },
  'job-elsewhere': { en: 'The job {jobId} belongs to another account, region or server of {backend}. Configure that one and run "resume" to fetch it.', zh: '任务 {jobId} 属于 {backend} 的另一个账号、地域或服务器。请配置它，然后运行 "resume" 取回。' },
  'fetch-unexpected': { en: 'Fetching the job from {backend} ended in an unexpected way. The job is kept: run "resume" to fetch it again at no cost.', zh: '从 {backend} 取回任务时意外结束。任务已保留：运行 "resume" 即可再次取回，不再付费。' },
  'delivered-nothing': { en: '{backend} delivered no image although the job is done.', zh: '任务已完成，但 {backend} 没有返回图片。' },
  'delivered-no-bytes': { en: '{backend} delivered no bytes for image {number}.', zh: '{backend} 没有返回第 {number} 张图片的数据。' },
  'delivered-no-picture': { en: '{backend} delivered something that is not a picture ({bytes} bytes) as image {number}.', zh: '{backend} 返回的第 {number} 张图片不是图片（{bytes} 字节）。' },
  'delivered-cut-short': { en: '{backend} delivered a picture that is cut short ({bytes} bytes) as image {number}.', zh: '{backend} 返回的第 {number} 张图片不完整（{bytes} 字节）。' },
} as const;

/** How a task ends, and what is left of it. */
export const say: Say<typeof texts> = defineMessages('core', texts);
