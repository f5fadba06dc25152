import { defineMessages } from '@holodeck/core/backend';
import type { Say } from '@holodeck/core/backend';

const table = {
  'scene-failed': {
    en: 'The scene reference of session {sessionId} failed: {reason} Its cards would not follow one look, so nothing was sent for {assetId}. Generate the scene reference first, or pass withoutReference: true to make cards without it.',
    zh: '会话 {sessionId} 的场景参考图生成失败：{reason} 卡片将没有统一的画风，因此没有为 {assetId} 发送请求。请先生成场景参考图；如需在没有参考图的情况下生成卡片，请传入 withoutReference: true。',
  },
  'without-reference': { en: 'The scene reference failed, so this card was made without it and may not match the other images.', zh: '场景参考图生成失败，此卡片在没有参考图的情况下生成，画风可能与其他图片不一致。' },
} as const;

/** Says what happens to the images of a session. */
export const say: Say<typeof table> = defineMessages('hybrid', table);
