import { defineMessages } from '@holodeck/core/messages';
import type { Say } from '@holodeck/core/messages';

const texts = {
  'batch-profile': { en: 'delivery "batch" needs the profile "openai": the profile "{profile}" has no batches.', zh: 'delivery "batch" 需要 "openai" 类型：类型 "{profile}" 没有批处理。' },
  'delivery-unknown': { en: '{delivery} is not a delivery; there are {known}.', zh: '{delivery} 不是 delivery 的值；可用的有 {known}。' },
  'delivery-variable': { en: 'OPENAI_DELIVERY is {delivery}; there are {known}.', zh: 'OPENAI_DELIVERY 为 {delivery}；可用的有 {known}。' },
  'duration-option': { en: '{option} must be a number of milliseconds from 0; it is {value}.', zh: '{option} 必须是不小于 0 的毫秒数；当前为 {value}。' },
  'previews-batch': { en: 'partialImages: a batch has no previews. Leave it out, or use delivery "direct".', zh: 'partialImages：批处理没有预览图。请去掉它，或使用 delivery "direct"。' },
  'markup-batch': { en: 'markup: a batch does not take it. Leave it out, or use delivery "direct".', zh: 'markup：批处理不支持。请去掉它，或使用 delivery "direct"。' },
  'line-large': { en: 'The request has {bytes} bytes; a batch takes at most {max} in all.', zh: '请求有 {bytes} 字节；一个批次总共最多 {max} 字节。' },
  'batch-aborted': { en: 'It was stopped while the batch was asked for. The batch itself goes on: resume brings its images.', zh: '在查询批次时被停止。批次本身会继续：恢复即可得到图片。' },
  'batch-unsent': { en: 'It was stopped before the batch was sent. Nothing was sent.', zh: '在批次发送之前被停止。没有发送请求。' },
  'batch-broken': { en: 'The connection to {host} broke ({reason}). What the batch has made is kept there.', zh: '与 {host} 的连接中断（{reason}）。批次的结果仍保留在那里。' },
  'batch-strange': { en: '{host} answered, but not like the Batch API. Check OPENAI_BASE_URL, and proxies or login pages on the way.', zh: '{host} 有应答，但不像批处理接口。请检查 OPENAI_BASE_URL，以及途中的代理或登录页。' },
  'batch-refused': { en: '{host} did not start the batch {batch}: {error} Nothing was made and nothing is owed.', zh: '{host} 没有开始批次 {batch}：{error} 没有生成图片，也不收费。' },
  'batch-refused-line': { en: '{host} did not start the batch {batch}: line {line}: {error} Nothing was made and nothing is owed.', zh: '{host} 没有开始批次 {batch}：第 {line} 行：{error} 没有生成图片，也不收费。' },
  'batch-full': { en: 'The account has too much waiting in batches, so {host} did not start the batch {batch}. It is sent again in smaller parts once others are done.', zh: '账号排队中的批次过多，{host} 没有开始批次 {batch}。等其他批次完成后会分成更小的部分再次发送。' },
  'no-reason-given': { en: 'no reason given.', zh: '没有说明原因。' },
  'line-expired': { en: 'The batch {batch} ended after 24 hours before it came to this image. Nothing is owed for it: run the same command again.', zh: '批次 {batch} 在 24 小时后结束，没有处理到这张图片。不收费：请再次运行同一命令。' },
  'line-cancelled': { en: 'The batch {batch} was cancelled before it came to this image. Nothing is owed for it.', zh: '批次 {batch} 在处理到这张图片之前被取消。不收费。' },
  'line-missing': { en: 'The batch {batch} has ended, but its files have no answer to this request. It counts as paid; a new submission pays again.', zh: '批次 {batch} 已结束，但其文件中没有此请求的结果。按已付费处理；再次提交会再次付费。' },
  'line-error': { en: 'The batch {batch} has no image for this request: {error}', zh: '批次 {batch} 没有此请求的图片：{error}' },
  'batch-gone': { en: 'The batch or its files are no longer at {host}. It counts as paid; a new submission pays again.', zh: '{host} 上已没有该批次或其文件。按已付费处理；再次提交会再次付费。' },
} as const;

/** What batches say. */
export const say: Say<typeof texts> = defineMessages('openai', texts);
