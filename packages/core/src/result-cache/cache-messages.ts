import { defineMessages } from '../messages/define-messages.ts';
import type { Say } from '../messages/define-messages.ts';

const texts = {
  'cache-bytes': { en: 'The option maxBytes is {value} ({type}); it must be a number from 1.', zh: '选项 maxBytes 为 {value}（{type}）；必须是不小于 1 的数字。' },
  'cache-directory': { en: 'The option directory is {value}; it must be a path.', zh: '选项 directory 为 {value}；必须是路径。' },
  'cache-key': { en: 'The key {key} is not a SHA-256 in lowercase hex.', zh: '键 {key} 不是小写十六进制的 SHA-256。' },
  'cache-unusable': {
    en: 'The result cache in {directory} cannot be used ({code}). Check the folder and its free space, or name another one in HOLODECK_CACHE_DIR. Images are not affected.',
    zh: '无法使用 {directory} 中的结果缓存（{code}）。请检查该目录及其剩余空间，或用 HOLODECK_CACHE_DIR 指定另一个目录。图片不受影响。',
  },
} as const;

/** What is wrong with the result cache. */
export const say: Say<typeof texts> = defineMessages('core', texts);
