import { defineMessages } from '@holodeck/core/messages';
import type { Say } from '@holodeck/core/messages';

const texts = {
  // Options of the client.
  'option-unknown': { en: 'Unknown option "{name}". Known: {known}.', zh: '未知的选项 "{name}"。已知：{known}。' },
  option: { en: 'The option {name} is {value} ({type}); it must be {needed}.', zh: '选项 {name} 为 {value}（{type}）；必须是 {needed}。' },
  'a-path': { en: 'a path', zh: '路径' },
  'a-policy': { en: '"fail", "wait" or "restart"', zh: '"fail"、"wait" 或 "restart"' },
  'a-layout': { en: '"default" or "holodeck"', zh: '"default" 或 "holodeck"' },
  'a-number': { en: 'a number from 0', zh: '不小于 0 的数字' },
  'a-whole-number': { en: 'a whole number from 0', zh: '不小于 0 的整数' },
  'a-boolean': { en: 'true or false', zh: 'true 或 false' },
  'card-limits': { en: 'an object of limits, or false', zh: '限值的对象，或 false' },
  'backends-list': { en: 'The option backends must be an array of backends, in order of priority.', zh: '选项 backends 必须是按优先级排列的后端数组。' },
  'backend-form': { en: '{place} is neither an ImageBackend nor { name, load }.', zh: '{place} 既不是 ImageBackend，也不是 { name, load }。' },
  'client-closed': { en: 'This client is closed. Make a new one.', zh: '客户端已关闭。请新建一个。' },
  'prompts-version': { en: 'The option `prompts` needs a `version` of its own, such as "my-studio-1".', zh: '选项 `prompts` 需要自己的 `version`，例如 "my-studio-1"。' },
  'prompts-taken': { en: 'The version "{version}" belongs to the built-in templates. Give yours another name.', zh: '版本 "{version}" 属于内置模板。请换一个名称。' },
  // Ids.
  'session-id': { en: 'The session id {id}', zh: '会话 id {id}' },
  'object-id': { en: 'The id {id}', zh: '标识符 {id}' },
  'id-type': { en: '{subject} must be a string, not {type}.', zh: '{subject} 必须是字符串，而不是 {type}。' },
  'id-empty': { en: '{subject} is empty.', zh: '{subject} 为空。' },
  'id-surrogate': { en: '{subject} contains a lone surrogate.', zh: '{subject} 含有孤立的代理项。' },
  'id-form': { en: '{subject} is not in Unicode normal form NFC; use `id.normalize("NFC")`.', zh: '{subject} 不是 Unicode 规范形式 NFC；请用 `id.normalize("NFC")`。' },
  'id-long': { en: '{subject} is longer than {most} characters.', zh: '{subject} 超过 {most} 个字符。' },
  'id-characters': { en: '{subject} has characters other than letters, digits, "-", "_" and inner dots.', zh: '{subject} 含有字母、数字、“-”、“_”和中间的点以外的字符。' },
  'id-dot': { en: '{subject} begins or ends with a dot.', zh: '{subject} 以点开头或结尾。' },
  'id-bytes': { en: '{subject} takes more than {most} bytes in UTF-8.', zh: '{subject} 的 UTF-8 编码超过 {most} 字节。' },
  'id-reserved': { en: '{subject} is a reserved name on Windows.', zh: '{subject} 是 Windows 的保留名称。' },
  'id-original': { en: '{subject} ends in ".original".', zh: '{subject} 以 ".original" 结尾。' },
  'id-twice': { en: 'The id {id} is used twice. Give each object its own id.', zh: 'id {id} 用了两次。请给每个物体各自的 id。' },
  'id-case': { en: 'The ids {other} and {id} differ only in case and would share a file on many systems. Rename one.', zh: 'id {other} 和 {id} 只有大小写不同，在许多系统上会是同一个文件。请改名。' },
  // Requests.
  'the-scene': { en: 'The scene reference', zh: '场景参考图' },
  'the-image': { en: 'The image', zh: '图片' },
  'the-object': { en: 'The object "{id}"', zh: '物体 "{id}"' },
  field: { en: '{subject}: {name}', zh: '{subject}：{name}' },
  'object-form': { en: 'An object must be { id, name, description }.', zh: '物体必须是 { id, name, description }。' },
  'objects-list': { en: '`objects` must be an array of { id, name, description }.', zh: '`objects` 必须是 { id, name, description } 的数组。' },
  'description-text': { en: '{subject}: its description is not well-formed text.', zh: '{subject}：描述不是正确的文本。' },
  'reference-path': { en: '{place} needs a path: a session keeps what it was made from, so bytes are not taken here.', zh: '{place} 需要路径：会话会保留其来源，因此这里不接受字节。' },
  'text-type': { en: '{subject} must be text, not {type}.', zh: '{subject} 必须是文本，而不是 {type}。' },
  'text-surrogate': { en: '{subject} contains a lone surrogate; it is not well-formed Unicode.', zh: '{subject} 含有孤立的代理项，不是正确的 Unicode。' },
  'text-empty': { en: '{subject} is empty. Say what is to be seen.', zh: '{subject} 为空。请说明要画什么。' },
  size: { en: '{subject}: {problem}', zh: '{subject}：{problem}' },
  seed: { en: '{subject}: the seed {seed} is not a whole number from 0.', zh: '{subject}：种子 {seed} 不是不小于 0 的整数。' },
  'provider-options': { en: '{subject}: providerOptions must be an object by backend name.', zh: '{subject}：providerOptions 必须是以后端名称为键的对象。' },
  'provider-options-json': { en: '{subject}: providerOptions must be plain JSON.', zh: '{subject}：providerOptions 必须是普通 JSON。' },
  'options-object': { en: '{subject}: an object of options is needed.', zh: '{subject}：需要一个选项对象。' },
  'fields-unknown': { en: '{subject}: unknown {unknown}. Known: {known}.', zh: '{subject}：未知的 {unknown}。已知：{known}。' },
  // Prompts.
  'prompt-of-scene': { en: 'the scene reference', zh: '场景参考图' },
  'prompt-of-image': { en: 'the image', zh: '图片' },
  'prompt-of-card': { en: 'the card "{name}"', zh: '卡片 "{name}"' },
  'prompt-long': { en: 'The prompt for {subject} takes {length} characters with the words that are added to it; the backend takes at most {most}. Shorten the description by {excess}.', zh: '{subject}的提示词连同自动加上的内容有 {length} 个字符；后端最多接受 {most} 个。请把描述缩短 {excess} 个字符。' },
  'style-in-prompt': { en: 'The backend has no parameter for a style; it was written into the prompt.', zh: '后端没有画风参数；已写进提示词。' },
  'negative-in-prompt': { en: 'The backend has no parameter for a negative prompt; it was written into the prompt.', zh: '后端没有反向提示词参数；已写进提示词。' },
  'seed-not-sent': { en: '{backend} takes no seed; {seed} was not sent.', zh: '{backend} 不接受种子；没有发送 {seed}。' },
  // Files of objects.
  'not-json': { en: '{path} is not valid JSON: {reason}', zh: '{path} 不是有效的 JSON：{reason}' },
  'no-objects': { en: '{path} has no list "objects".', zh: '{path} 没有列表 "objects"。' },
  'objects-entry': { en: '{path}: {place} is not an object.', zh: '{path}：{place} 不是对象。' },
  'objects-text': { en: '{path}: {place} has no text "{name}".', zh: '{path}：{place} 没有文本 "{name}"。' },
  // Faults that are not of this package.
  'file-fault': { en: "A file could not be used ({code}). Check the folder's permissions and free space.", zh: '无法使用文件（{code}）。请检查目录的权限和剩余空间。' },
  'file-fault-at': { en: "A file could not be used ({code}: {path}). Check the folder's permissions and free space.", zh: '无法使用文件（{code}：{path}）。请检查目录的权限和剩余空间。' },
  unexpected: { en: 'Something unexpected went wrong: {reason}', zh: '发生意外错误：{reason}' },
} as const;

/** What is wrong with options, ids and requests, and what is changed in them. */
export const say: Say<typeof texts> = defineMessages('hybrid', texts);
