import { defineMessages } from '@holodeck/core/backend';
import type { Say } from '@holodeck/core/backend';

const texts = {
  'job-unknown': { en: 'There is no job {job}.', zh: '没有任务 {job}。' },
  'scene-unknown': { en: 'There is no scene {scene}.', zh: '没有场景 {scene}。' },
  'image-unknown': { en: 'Job {job} has no image {number}.', zh: '任务 {job} 没有第 {number} 张图片。' },
  'not-repeatable': { en: '{asset} cannot be made again. Name scene-reference, card/<id> or card/<id>/<view>.', zh: '无法重新生成 {asset}。请写 scene-reference、card/<id> 或 card/<id>/<view>。' },
  'key-reused': { en: 'This Idempotency-Key belongs to another request body. Use a new key for a new request.', zh: '这个 Idempotency-Key 属于另一个请求体。新的请求请使用新的键。' },
  'model-unknown': { en: 'There is no model {model}. Known: {known}.', zh: '没有模型 {model}。可用的有：{known}。' },
  'backend-not-allowed': { en: 'This key may not use {backend}. Allowed: {allowed}.', zh: '此密钥不能使用 {backend}。可用的有：{allowed}。' },
  'none-available': { en: 'No backend is available: {reasons}', zh: '没有可用的后端：{reasons}' },
  'budget-used': { en: 'The budget of key {key} is used up: {spent} {currency} of {limit} {currency} are spent or reserved, and this submission may cost {cost} {currency}.', zh: '密钥 {key} 的预算已用完：上限 {limit} {currency}，已花费或预留 {spent} {currency}，这次提交最多需要 {cost} {currency}。' },
  'spend-limit': {
    en: 'The spend limit is reached: {spent} {currency} of {limit} {currency} are spent or reserved, and this submission may cost {cost} {currency}. Restart the server with a higher --max-cost.',
    zh: '已达到花费上限：上限 {limit} {currency}，已花费或预留 {spent} {currency}，这次提交最多需要 {cost} {currency}。请用更高的 --max-cost 重启服务。',
  },
  'budget-currency': { en: 'The budget of key {key} allows nothing in {currency}.', zh: '密钥 {key} 的预算不包含 {currency}。' },
  'budget-no-price': { en: 'The price of {backend} is unknown, so the budget of key {key} cannot cover it.', zh: '{backend} 的价格未知，密钥 {key} 的预算无法覆盖。' },
  'limit-currency': { en: 'The spend limit allows nothing in {currency}. Restart the server with --max-cost <amount>{currency}.', zh: '花费上限不包含 {currency}。请用 --max-cost <金额>{currency} 重启服务。' },
  'limit-no-price': { en: 'The price of {backend} is unknown, so the spend limit cannot cover it. Use another backend, or the command line.', zh: '{backend} 的价格未知，花费上限无法覆盖。请换一个后端，或使用命令行。' },
  'may-pay-twice': {
    en: 'A submission of job {job} may have been paid for, and nobody can look it up. Check the console of the provider. To send it again although it may be paid for twice, set may_pay_twice to true.',
    zh: '任务 {job} 的某次提交可能已经计费，而且无法查询。请查看服务商的控制台。若接受可能重复计费并再次提交，请将 may_pay_twice 设为 true。',
  },
  resubmit: { en: 'Over HTTP: POST /v1/jobs/{job}/resubmit with may_pay_twice true.', zh: '通过 HTTP：POST /v1/jobs/{job}/resubmit，并将 may_pay_twice 设为 true。' },
  'job-cancelled': { en: 'The job was cancelled.', zh: '任务已取消。' },
  'file-gone': { en: 'The file of this image is no longer there.', zh: '这张图片的文件已不存在。' },
  'no-key': { en: 'This gateway needs a key: send Authorization: Bearer <key>.', zh: '此网关需要密钥：请发送 Authorization: Bearer <密钥>。' },
  'bad-key': { en: 'This key is not known, or it was revoked.', zh: '密钥未知或已撤销。' },
  'too-many-failures': { en: 'Too many calls without a valid key. Try again in a minute.', zh: '没有有效密钥的调用过多。请一分钟后重试。' },
  'wrong-host': { en: 'This gateway answers on localhost only. Open it by that name, or start it with --host and keys.', zh: '此网关只应答 localhost。请用这个名字访问，或者用 --host 和密钥启动。' },
  'foreign-origin': { en: 'Calls from other web pages are refused. Start the gateway with --cors <origin> to allow one.', zh: '拒绝来自其他网页的调用。要允许某个来源，请用 --cors <来源> 启动网关。' },
  'too-large': { en: 'The request is larger than {limit} MiB.', zh: '请求超过 {limit} MiB。' },
  'no-address': { en: 'There is nothing at this address. GET /openapi.json describes the API.', zh: '这个地址没有内容。GET /openapi.json 描述了全部接口。' },
  'not-json': { en: 'The body is not JSON.', zh: '请求体不是 JSON。' },
  'remote-reference': { en: 'References are taken as files or data: URLs; this gateway fetches no addresses.', zh: '参考图请以文件或 data: URL 提供；此网关不下载任何地址。' },
  'not-a-reference': { en: 'Reference {number} is not a picture.', zh: '第 {number} 张参考图不是图片。' },
  'no-edit-image': { en: 'An edit needs at least one image.', zh: '编辑请求至少需要一张图片。' },
  'mask-unsupported': { en: '{backend} takes no mask. Use openai, or leave it out.', zh: '{backend} 不支持遮罩。请使用 openai，或者不要遮罩。' },
  stopping: { en: 'The gateway is stopping. The job goes on after its restart: ask for it again.', zh: '网关正在停止。重启后任务会继续：请再次查询。' },
  unexpected: { en: 'The gateway met an unexpected error. Its terminal shows more.', zh: '网关发生意外错误。终端上有更多信息。' },
  'keys-unreadable': { en: 'The key file {file} cannot be used ({reason}). Make one with "holodeck-image keys add <name> --keys {file}".', zh: '密钥文件 {file} 无法使用（{reason}）。请用 "holodeck-image keys add <名称> --keys {file}" 创建。' },
  'key-exists': { en: 'There is a key named {name} already. Revoke it first, or choose another name.', zh: '已有名为 {name} 的密钥。请先撤销，或者换一个名称。' },
  'key-absent': { en: 'There is no key named {name}.', zh: '没有名为 {name} 的密钥。' },
  'key-name': { en: 'The name {name} is not 1-24 lower-case letters, digits and hyphens.', zh: '名称 {name} 不是 1-24 个小写字母、数字和连字符。' },
  'keys-needed': { en: 'An address that other machines can reach needs keys: add --keys <file>, made with "holodeck-image keys add <name> --keys <file>".', zh: '其他机器可访问的地址需要密钥：请加上 --keys <文件>，用 "holodeck-image keys add <名称> --keys <文件>" 创建。' },
  'webhook-refused': { en: 'The webhook address is not a public http(s) URL.', zh: 'webhook 地址不是公网的 http(s) URL。' },
  'webhook-keyless': { en: 'Webhooks are signed with the secret of a key: start the gateway with --keys.', zh: 'webhook 用密钥的签名密文签名：请用 --keys 启动网关。' },
  'session-busy': { en: 'Scene {scene} is being made with another request. Wait for its job, or cancel it.', zh: '场景 {scene} 正在按另一个请求生成。请等待它的任务，或者取消。' },
} as const;

/** Says a message of this package. */
export const say: Say<typeof texts> = defineMessages('gateway', texts);
