import { defineMessages } from '@holodeck/core/backend';
import type { Say } from '@holodeck/core/backend';

const texts = {
  'aborted-before': { en: 'The request was aborted before it left. Nothing was sent.', zh: '请求在发出前已中止。没有发送请求。' },
  'aborted-after': { en: 'The request was aborted after it left, so it is not known whether the image was made and paid for.', zh: '请求在发出后中止，无法得知图片是否已生成并计费。' },
  'no-disk': { en: "The model's answer cannot be kept in {folder} ({code}), so nothing was sent. Free some space or choose another output folder.", zh: '{folder} 无法保存模型的回答（{code}），因此没有发送请求。请释放空间或更换输出目录。' },
  'answer-not-kept': { en: 'The answer came, but could not be written ({code}). It counts as paid.', zh: '已收到回答，但无法写入（{code}）。视为已付费。' },
  'answer-gone': { en: 'The answer was kept in memory only, and that process has ended or has delivered it already. It counts as paid. Set an output folder to keep answers on disk.', zh: '回答只保存在内存中，而该进程已结束或已交付。视为已付费。请设置输出目录，把回答保存到磁盘。' },
  'answer-damaged': { en: 'The kept answer cannot be read ({reason}). It counts as paid.', zh: '保存的回答无法读取（{reason}）。视为已付费。' },
  'no-image': { en: '{model} answered without an image. It counts as paid; a new submission pays again.', zh: '{model} 的回答中没有图片。视为已付费；重新提交会再次付费。' },
  'not-an-image': { en: 'Image {number} of {model} is not a picture, or is cut short. It counts as paid; a new submission pays again.', zh: '{model} 的第 {number} 张图片不是图片，或不完整。视为已付费；重新提交会再次付费。' },
  refused: { en: '{model} refused the request (status {status}): {reason}', zh: '{model} 拒绝了请求（状态 {status}）：{reason}' },
  'not-connected': { en: 'No connection to the service of {model} ({code}). Nothing was sent. Check the network and the address.', zh: '无法连接 {model} 的服务（{code}）。没有发送请求。请检查网络和地址。' },
  unknown: { en: "{model} ended without a clear answer ({reason}), so it is not known whether the image was made and paid for. It is not sent again automatically: check the provider's console.", zh: '{model} 没有给出明确的回答（{reason}），无法得知图片是否已生成并计费。不会自动重发：请查看服务商的控制台。' },
  'not-usable': { en: '{model} cannot be used: {reason} Nothing was sent.', zh: '{model} 无法使用：{reason} 没有发送请求。' },
  'not-locatable': { en: "No answer to this submission was kept, and {model} cannot be asked whether it arrived. Look at the provider's console; send it again only if paying twice is acceptable.", zh: '没有保存这次提交的回答，也无法向 {model} 查询是否到达。请查看服务商的控制台；只有能接受重复付费时才重发。' },
  'other-model': { en: 'The job {job} belongs to another model or account than {model}. Collect it with the model that it was submitted to.', zh: '任务 {job} 属于另一个模型或账号，而不是 {model}。请用提交时的模型取回。' },
  'probe-blind': { en: '{model} is loaded. Whether its key is accepted shows only at the first paid call: the AI SDK has no free question.', zh: '{model} 已加载。密钥是否有效要到第一次付费调用才能知道：AI SDK 没有免费的查询。' },
  'probe-ready': { en: '{model} is there and takes the key.', zh: '{model} 可用，密钥有效。' },
  'probe-refused': { en: 'The service of {model} refuses the key (status {status}).', zh: '{model} 的服务拒绝了密钥（状态 {status}）。' },
  'probe-odd': { en: 'The service of {model} answered with status {status}.', zh: '{model} 的服务返回状态 {status}。' },
  'probe-down': { en: 'The service of {model} does not answer.', zh: '{model} 的服务没有响应。' },
  'probe-check-key': { en: 'Check the key.', zh: '请检查密钥。' },
  'probe-check-network': { en: 'Check the address and the network.', zh: '请检查地址和网络。' },
  'unknown-option': { en: 'providerOptions.{backend}.{option} is unknown; known: {known}. Declare it in the providerOptions of createAiSdkBackend.', zh: 'providerOptions.{backend}.{option} 未知；已知的有：{known}。请在 createAiSdkBackend 的 providerOptions 中声明。' },
  'proves-key': { en: 'the key is accepted', zh: '密钥有效' },
  'proves-loaded': { en: 'the model is loaded', zh: '模型已加载' },
  'not-proven-key': { en: 'the key', zh: '密钥' },
  'not-proven-balance': { en: 'the balance', zh: '余额' },
  'model-warning': { en: '{model}: {warning}', zh: '{model}：{warning}' },
  'bad-entry': { en: '"{entry}" is not aisdk:<module>#<export>:<model id>, such as aisdk:@ai-sdk/openai#openai:gpt-image-1.', zh: '"{entry}" 不是 aisdk:<模块>#<导出>:<模型 ID>，例如 aisdk:@ai-sdk/openai#openai:gpt-image-1。' },
  'no-export': { en: '{module} has no provider with image models called {name}.', zh: '{module} 没有名为 {name} 的、提供图片模型的导出。' },
  'module-fails': { en: '{module} cannot be loaded ({reason}). Install it, or check the entry in HOLODECK_BACKENDS.', zh: '无法加载 {module}（{reason}）。请安装它，或检查 HOLODECK_BACKENDS 中的条目。' },
  'other-version': { en: 'The model {model} has the specification {version}; v3 and v4 are supported. Update its provider package.', zh: '模型 {model} 的规范版本是 {version}；支持 v3 和 v4。请更新它的 provider 包。' },
  'ratio-mapped': { en: 'The aspect ratio {ratio} becomes the size {size}.', zh: '宽高比 {ratio} 换算为尺寸 {size}。' },
  'session-none': { en: 'providerOptions.holodeck.session needs a model over a client of @holodeck/hybrid. Nothing was sent.', zh: 'providerOptions.holodeck.session 需要由 @holodeck/hybrid 客户端构成的模型。没有发送请求。' },
  'session-missing': { en: 'Name the session in providerOptions.holodeck.session, or give holodeckImageModel a session instead of the client. Nothing was sent.', zh: '请在 providerOptions.holodeck.session 中指定会话，或把会话而不是客户端传给 holodeckImageModel。没有发送请求。' },
  'session-other': { en: 'This model belongs to the session {session}, not to {named}. Nothing was sent.', zh: '此模型属于会话 {session}，而不是 {named}。没有发送请求。' },
  'session-scope': { en: 'A session has no other scope: leave out providerOptions.holodeck.scope. Nothing was sent.', zh: '会话没有其他 scope：请去掉 providerOptions.holodeck.scope。没有发送请求。' },
} as const;

/** Says a message of this package. */
export const say: Say<typeof texts> = defineMessages('ai-sdk', texts);
