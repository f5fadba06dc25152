import { defineMessages } from '@holodeck/core/messages';
import type { Say } from '@holodeck/core/messages';

const texts = {
  // Options of the backend and the environment.
  'half-pair-unset': { en: '{present} is set but {missing} is not set. Set both from the same key pair ({page}), or neither.', zh: '已设置 {present}，但未设置 {missing}。请用同一密钥对设置这两项（{page}），或都不设置。' },
  'half-pair-blank': { en: '{present} is set but {missing} is blank or a placeholder. Set both from the same key pair ({page}), or neither.', zh: '已设置 {present}，但 {missing} 为空或只是占位符。请用同一密钥对设置这两项（{page}），或都不设置。' },
  'pair-unset': { en: 'HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY are not set. Make a key pair at {page} and set both.', zh: '未设置 HUNYUAN_SECRET_ID 和 HUNYUAN_SECRET_KEY。请在 {page} 创建密钥对，并设置这两项。' },
  'key-unset': { en: 'HUNYUAN_API is "{api}" but HUNYUAN_API_KEY is not set.', zh: 'HUNYUAN_API 为 "{api}"，但未设置 HUNYUAN_API_KEY。' },
  'count-variable': { en: '{variable} is {value}; it must be a whole number from 1.', zh: '{variable} 为 {value}；必须是不小于 1 的整数。' },
  'option-unknown': { en: 'Unknown option "{option}". Known: {known}.', zh: '未知的选项 "{option}"。已知：{known}。' },
  'api-unknown': { en: '[The option api|HUNYUAN_API] is {value}; it must be one of {known}.', zh: '[选项 api|HUNYUAN_API] 为 {value}；必须是 {known} 之一。' },
  'option-text': { en: 'The option {option} must be a text, not {type}.', zh: '选项 {option} 必须是文字，而不是 {type}。' },
  'option-flag': { en: 'The option {option} must be true or false, not {value}.', zh: '选项 {option} 必须是 true 或 false，而不是 {value}。' },
  'option-positive': { en: 'The option {option} must be a number above 0, not {value}.', zh: '选项 {option} 必须是大于 0 的数字，而不是 {value}。' },
  'key-characters': { en: 'The {option} has blanks or characters that no key has. Copy it again from {page}.', zh: '{option} 中有空格或密钥不会有的字符。请从 {page} 重新复制。' },
  'region-form': { en: 'The region {region} is not the full name of a region, such as "ap-guangzhou"; short names like "gz" are not taken.', zh: '地域 {region} 不是完整的地域名，例如 "ap-guangzhou"；不接受 "gz" 这样的简称。' },
  'model-unknown': { en: 'The model {given} does not exist here. Leave the option model out: api "{api}" always draws with {model}.', zh: '这里没有模型 {given}。请去掉选项 model：接口 "{api}" 始终使用 {model}。' },
  'model-old': {
    en: 'The model {given} does not exist here: it is a name of the older client, and no request of the service ever had such a field. Leave the option model out: api "{api}" always draws with {model}.',
    zh: '这里没有模型 {given}：这是旧客户端里的名称，服务的请求中从来没有这个字段。请去掉选项 model：接口 "{api}" 始终使用 {model}。',
  },
  'pair-missing': {
    en: 'SecretId and SecretKey are missing (blank values and placeholders count as missing). Set HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY, or secretId and secretKey, to a key pair from {page}.',
    zh: '缺少 SecretId 和 SecretKey（空值和占位符也算缺少）。请把 HUNYUAN_SECRET_ID 和 HUNYUAN_SECRET_KEY（或 secretId 和 secretKey）设为 {page} 的密钥对。',
  },
  'secret-missing': {
    en: '{name} is missing (blank values and placeholders count as missing). Set HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY, or secretId and secretKey, to a key pair from {page}.',
    zh: '缺少 {name}（空值和占位符也算缺少）。请把 HUNYUAN_SECRET_ID 和 HUNYUAN_SECRET_KEY（或 secretId 和 secretKey）设为 {page} 的密钥对。',
  },
  'api-key-missing': { en: 'The API key is missing (blank values and placeholders count as missing). Set HUNYUAN_API_KEY, or apiKey, to a key from {page}.', zh: '缺少 API 密钥（空值和占位符也算缺少）。请把 HUNYUAN_API_KEY（或 apiKey）设为 {page} 的密钥。' },
  // A request, before anything is sent.
  'body-size': { en: 'The request has {bytes} bytes; the service takes at most 10 MB. Use a smaller LogoImage, or LogoUrl.', zh: '请求有 {bytes} 字节；服务最多接受 10 MB。请用较小的 LogoImage，或用 LogoUrl。' },
  'prompt-empty': { en: 'The prompt is empty.', zh: '提示词为空。' },
  'prompt-surrogate': { en: 'The prompt has half of a character pair (a lone surrogate): write it again.', zh: '提示词中有半个字符（孤立的代理项）：请重新填写。' },
  'prompt-long': { en: 'The prompt has {length} characters; at most {max} are taken.', zh: '提示词有 {length} 个字符；最多接受 {max} 个。' },
  'seed-void': { en: 'A seed is void while the prompt is rewritten: leave out the seed or providerOptions.hunyuan.rewritePrompt.', zh: '改写提示词时种子无效：请去掉种子，或去掉 providerOptions.hunyuan.rewritePrompt。' },
  'references-many': { en: '{count} reference pictures are more than the service takes ({max}).', zh: '{count} 张参考图超过了服务的上限（{max} 张）。' },
  'reference-bad': { en: 'Reference {number} cannot be prepared: it is damaged, of an unusual kind or far too large. Save it as PNG or JPEG.', zh: '无法处理参考图 {number}：它已损坏、格式特殊或过大。请另存为 PNG 或 JPEG。' },
  'reference-size': { en: 'With a reference picture the size must be one of {sizes}.', zh: '有参考图时，尺寸必须是 {sizes} 之一。' },
  'reference-rewrites': { en: 'With a reference picture this API always rewrites the prompt, which voids a seed: leave out the seed and rewritePrompt.', zh: '有参考图时，此接口总会改写提示词，因此种子无效：请去掉种子和 rewritePrompt。' },
  'provider-option': { en: '{name} is unknown; known are {known}.', zh: '未知的 {name}；已知的有 {known}。' },
  'provider-choice': { en: '{name} is {value}; it must be {known}.', zh: '{name} 为 {value}；必须是 {known} 之一。' },
  'provider-flag': { en: '{name} must be true or false, not {value}.', zh: '{name} 必须是 true 或 false，而不是 {value}。' },
  footnote: { en: '{name} must be a text of 1 to {max} characters, not {value}.', zh: '{name} 必须是 1 到 {max} 个字符的文字，而不是 {value}。' },
  'logo-off': { en: 'providerOptions.hunyuan has a logoParam but watermark is false, which makes it void: leave one out.', zh: 'providerOptions.hunyuan 有 logoParam，但 watermark 为 false，因此它无效：请去掉其中一个。' },
  'logo-object': { en: '{name} must be an object with LogoUrl or LogoImage, and LogoRect.', zh: '{name} 必须是含有 LogoUrl 或 LogoImage 以及 LogoRect 的对象。' },
  'logo-picture': { en: '{name} needs LogoUrl or LogoImage.', zh: '{name} 需要 LogoUrl 或 LogoImage。' },
  'logo-url': { en: '{name}.LogoUrl must be an http or https address.', zh: '{name}.LogoUrl 必须是 http 或 https 网址。' },
  'logo-base64': { en: '{name}.LogoImage must be base64 without a "data:" prefix.', zh: '{name}.LogoImage 必须是不带 "data:" 前缀的 base64。' },
  'logo-rect': { en: '{name}.LogoRect must be an object with X, Y, Width and Height.', zh: '{name}.LogoRect 必须是含有 X、Y、Width 和 Height 的对象。' },
  'logo-pixels': { en: '{name} must be a whole number of pixels, not {value}.', zh: '{name} 必须是整数像素，而不是 {value}。' },
} as const;

/** What is wrong with options, the environment or a request: nothing was sent. */
export const say: Say<typeof texts> = defineMessages('hunyuan', texts);
