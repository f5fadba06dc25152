import { defineMessages } from '@holodeck/core/backend';
import type { Say } from '@holodeck/core/backend';

const table = {
  'no-reference': {
    en: 'The session {sessionId} has no scene reference. Its cards would not follow one look, so nothing was sent for {assetId}. Generate the scene reference first, or [set withoutReference: true|pass --without-reference] to make cards without it.',
    zh: '会话 {sessionId} 没有场景参考图，卡片将没有统一的画风，因此没有为 {assetId} 发送请求。请先生成场景参考图；如需在没有参考图的情况下生成卡片，请[设置 withoutReference: true|使用 --without-reference]。',
  },
  'reference-not-sent': {
    en: '{backend} was not given the scene reference, because what is set up there follows no reference picture: this image follows the scene in words only and may not match its look. Set up a model or workflow that takes a style reference ("holodeck doctor" names one), or use another backend.',
    zh: '没有把场景参考图发送给 {backend}，因为它目前的模型或工作流不支持参考图：此图片只按文字描述沿用场景的画风，可能与场景不一致。请配置支持画风参考图的模型或工作流（"holodeck doctor" 会给出建议），或改用其他后端。',
  },
  'reference-failed': {
    en: 'The scene reference of session {sessionId} failed: {reason} Its cards would not follow one look, so nothing was sent for {assetId}. Generate the scene reference first, or [set withoutReference: true|pass --without-reference] to make cards without it.',
    zh: '会话 {sessionId} 的场景参考图生成失败：{reason} 卡片将没有统一的画风，因此没有为 {assetId} 发送请求。请先生成场景参考图；如需在没有参考图的情况下生成卡片，请[设置 withoutReference: true|使用 --without-reference]。',
  },
  'without-reference': { en: 'This card was made without a scene reference and may not match the other images.', zh: '此卡片在没有场景参考图的情况下生成，画风可能与其他图片不一致。' },
} as const;

/** Says what happens to the images of a session. */
export const say: Say<typeof table> = defineMessages('hybrid', table);
