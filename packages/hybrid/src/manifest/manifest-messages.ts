import { defineMessages } from '@holodeck/core/messages';
import type { Say } from '@holodeck/core/messages';

const texts = {
  'manifest-none': { en: 'There is no manifest at {file}. Give the folder of a session.', zh: '{file} 处没有清单。请给出会话的目录。' },
  'manifest-large': { en: '{file} is too large to be a manifest.', zh: '{file} 太大，不可能是清单。' },
  'manifest-json': { en: '{file} is not valid JSON. Restore it, or move it away to start the session from the beginning.', zh: '{file} 不是有效的 JSON。请恢复它，或移走它以重新开始会话。' },
  'manifest-object': { en: '{file} is not a manifest: it holds no JSON object.', zh: '{file} 不是清单：其中没有 JSON 对象。' },
  'manifest-newer': { en: '{file} has manifest version {version}; this version reads up to {known}. Update @holodeck/hybrid.', zh: '{file} 的清单版本是 {version}；当前版本最多能读 {known}。请更新 @holodeck/hybrid。' },
  'manifest-version': { en: '{file} is not a manifest: its "version" is not {known}.', zh: '{file} 不是清单：其 "version" 不是 {known}。' },
  'manifest-asset': { en: '{file}: {place} is not an object.', zh: '{file}：{place} 不是对象。' },
  'manifest-original': { en: '{file}: "{place}.originalPath" is not a path inside the session\'s folder.', zh: '{file}："{place}.originalPath" 不是会话目录内的路径。' },
  'manifest-spec': { en: '{file}: {place}.spec: {problem}', zh: '{file}：{place}.spec：{problem}' },
  'manifest-id': { en: '{file}: "{place}.id" does not belong to its "spec".', zh: '{file}："{place}.id" 与其 "spec" 不符。' },
  'manifest-field': { en: '{file}: "{field}" is missing or malformed.', zh: '{file}："{field}" 缺失或格式不正确。' },
} as const;

/** What is wrong with a manifest. */
export const say: Say<typeof texts> = defineMessages('hybrid', texts);
