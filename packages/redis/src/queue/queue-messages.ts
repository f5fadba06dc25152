import { defineMessages } from '@holodeck/core/backend';
import type { Say } from '@holodeck/core/backend';

const texts = {
  'lane-unknown': { en: 'The backend {backend} does not have the lane {lane}. It has {lanes}.', zh: '后端 {backend} 没有通道 {lane}。它有 {lanes}。' },
  'lane-several': { en: 'The backend {backend} has {count} lanes. Say which one this worker is for (lane), and start one for each.', zh: '后端 {backend} 有 {count} 条通道。请指明此工作进程负责哪一条（lane），并为每条各启动一个。' },
  'worker-store': { en: 'The client of a worker needs a store that outlives it: pass store: await openRedisStore({ url }).', zh: '工作进程的客户端需要一个比它存在更久的存储：请传入 store: await openRedisStore({ url })。' },
  'worker-folder': { en: 'The client of a worker needs an outputDir: a folder that all machines reach, or any folder beside an archive. Images are files there.', zh: '工作进程的客户端需要 outputDir：所有机器都能访问的目录；有 archive 时任何目录都可以。图片以文件形式存放在其中。' },
  'number-least': { en: 'The option {name} is {value}. Give a whole number of {least} or more.', zh: '选项 {name} 是 {value}。请给出不小于 {least} 的整数。' },
  'priority-range': { en: 'The priority of {taskId} is {priority}; in a queue it must be a whole number from -1000000 to 1000000.', zh: '{taskId} 的优先级是 {priority}；在队列中必须是 -1000000 到 1000000 的整数。' },
  'prompt-missing': { en: 'A task for the queue needs a prompt.', zh: '放入队列的任务需要提示词。' },
  'payload-text': {
    en: 'The task {taskId} is too large for the queue: without the bytes of its references it has {bytes} bytes, and {most} are allowed. Shorten its texts. Nothing was sent.',
    zh: '任务 {taskId} 对队列来说太大：不算参考图的字节有 {bytes} 字节，最多允许 {most} 字节。请缩短其中的文字。没有发送任何内容。',
  },
  'payload-references': {
    en: 'The task {taskId} is too large for the queue: with its references it has {bytes} bytes, and {most} are allowed. Pass smaller references, or paths that the workers may read. Nothing was sent.',
    zh: '任务 {taskId} 对队列来说太大：连同参考图有 {bytes} 字节，最多允许 {most} 字节。请使用更小的参考图，或工作进程可以读取的路径。没有发送任何内容。',
  },
  'file-refused': {
    en: 'A picture that the task names is not a file that its worker may read. Put it into the folder that the worker allows ([allowReferences|--allow-references]; default: its output folder), or pass its bytes. Nothing was sent.',
    zh: '任务指定的一张图片不是工作进程可以读取的文件。请把它放到工作进程允许的目录（[allowReferences|--allow-references]，默认是其输出目录），或直接传入图片字节。没有发送任何内容。',
  },
  'references-folder': { en: 'References of queued tasks cannot be read from {folder} ({reason}). Give a folder that exists ([allowReferences|--allow-references]).', zh: '无法从 {folder} 读取队列任务的参考图（{reason}）。请给出存在的目录（[allowReferences|--allow-references]）。' },
  'job-removed': { en: 'The job of {taskId} was removed from the queue before any worker took it, so it sent nothing.', zh: '{taskId} 的任务在任何工作进程接手之前就从队列中移除，因此没有发送请求。' },
  'job-removed-unknown': {
    en: 'The job of {taskId} was removed from the queue, and the queue does not know whether a worker had sent it. Run the task again: what was paid is fetched and not paid again.',
    zh: '{taskId} 的任务已从队列中移除，这里无法确定之前是否有工作进程发送过。请再次运行该任务：已付费的会取回，不会重复付费。',
  },
  'job-removed-accepted': { en: 'The job of {taskId} was removed from the queue after the provider had taken it. Run the task again: its image is fetched at no cost.', zh: '{taskId} 的任务在服务受理之后从队列中移除。请再次运行该任务：图片会取回，不再付费。' },
  'job-vanished': {
    en: "The job of {taskId} is gone from the Redis server (emptied, restored, or keys dropped for lack of memory?), so nobody knows whether it was sent. Look at the output folder and the provider's records before you run the task again: a server without its data does not know what was paid.",
    zh: '{taskId} 的任务已从 Redis 服务器消失（被清空、被恢复，或因内存不足丢弃了键？），因此无法知道是否发送过。再次运行该任务之前，请查看输出目录和服务商的记录：失去数据的服务器不知道哪些已付费。',
  },
  'job-given-up': {
    en: 'The queue gave up the job of {taskId} ({reason}). Look at the logs of the workers, then run the task again: what was paid is fetched and not paid again.',
    zh: '队列放弃了 {taskId} 的任务（{reason}）。请查看工作进程的日志，然后再次运行该任务：已付费的会取回，不会重复付费。',
  },
  'workers-died': {
    en: 'The queue gave up the job of {taskId}: {count} workers died while they worked on it. Look at its references and at the logs of the workers, then run the task again: what was paid is fetched and not paid again.',
    zh: '队列放弃了 {taskId} 的任务：有 {count} 个工作进程在处理它时终止。请检查其参考图和工作进程的日志，然后再次运行该任务：已付费的会取回，不会重复付费。',
  },
  'job-damaged': {
    en: 'What the Redis server holds of the job of {taskId} is damaged, so no worker can run it. Run the task again: what was paid is fetched and not paid again.',
    zh: 'Redis 服务器中 {taskId} 的任务数据已损坏，因此没有工作进程能运行它。请再次运行该任务：已付费的会取回，不会重复付费。',
  },
  'worker-failed': { en: 'The worker failed at the task {taskId} ({reason}). Look at its log, then run the task again: what was paid is fetched and not paid again.', zh: '工作进程在处理任务 {taskId} 时出错（{reason}）。请查看其日志，然后再次运行该任务：已付费的会取回，不会重复付费。' },
  'metrics-address': { en: 'Metrics cannot be served at {address} ({reason}). Choose another port.', zh: '无法在 {address} 提供指标（{reason}）。请换一个端口。' },
} as const;

/** What the queue and its workers say. */
export const say: Say<typeof texts> = defineMessages('redis', texts);
