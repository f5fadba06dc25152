import { defineMessages } from '@holodeck/core/messages';
import type { Say } from '@holodeck/core/messages';

const table = {
  'no-reference': {
    en: 'The session {sessionId} has no scene reference. Its cards would not follow one look, so nothing was sent for {assetId}. Generate the scene reference first, or [set withoutReference: true|pass --without-reference] to make cards without it.',
    zh: '会话 {sessionId} 没有场景参考图，卡片将没有统一的画风，因此没有为 {assetId} 发送请求。请先生成场景参考图；如需在没有参考图的情况下生成卡片，请[设置 withoutReference: true|使用 --without-reference]。',
  },
  'look-gone': {
    en: '{reason} Session {sessionId} is locked to {backend}, model {model}: with any other its images would no longer look alike. Or use another session id, or give up the images with [relock({ discardAssets: true })|holodeck sessions relock].',
    zh: '{reason} 会话 {sessionId} 已锁定到 {backend}（模型 {model}）：换用其他模型会使图片画风不一致。也可以使用其他会话 ID，或通过 [relock({ discardAssets: true })|holodeck sessions relock] 放弃已有图片。',
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
  // Views.
  'views-list': { en: '`views` must be an array of {known}.', zh: '`views` 必须是由 {known} 组成的数组。' },
  'view-unknown': { en: 'The view {view} is not known. Known: {known}.', zh: '未知的视图 {view}。已知：{known}。' },
  'views-front': { en: 'The views have no "front", and the others are made from it. Add it.', zh: '视图中没有 "front"，而其他视图都由它生成。请加上。' },
  'no-views': {
    en: '{backend}, model {model}, cannot make views: each needs {needed} pictures to follow, the front card and the scene reference, and it takes {most}. Nothing was sent. Use a model or workflow that takes them, another backend, or the front alone.',
    zh: '{backend}（模型 {model}）无法生成多视图：每个视图需要 {needed} 张参考图（正面卡片和场景参考图），而它只接受 {most} 张。没有发送任何请求。请使用能接受参考图的模型或工作流，改用其他后端，或只生成正面。',
  },
  'no-front': { en: 'The session {sessionId} has no current front card of "{objectId}", and its other views are made from it: nothing was sent for {assetId}. Generate the front card first.', zh: '会话 {sessionId} 没有 "{objectId}" 的当前正面卡片，而其他视图由它生成：没有为 {assetId} 发送请求。请先生成正面卡片。' },
  'front-failed': { en: 'The front card of "{objectId}" could not be made, so nothing was sent for {assetId}: {reason}', zh: '"{objectId}" 的正面卡片未能生成，因此没有为 {assetId} 发送请求：{reason}' },
  'front-unfit': { en: 'The front card of "{objectId}" did not pass the gate, so nothing was sent for {assetId}: its views would show the same. Make it again first.', zh: '"{objectId}" 的正面卡片没有通过质检，因此没有为 {assetId} 发送请求：其他视图会有同样的问题。请先重新生成正面卡片。' },
  'outlines-differ': {
    en: 'The outline of the {view} view is not the mirror image of the {other} view: they agree to {percent} percent. A 3D model of both may be wrong; look at them, and make one again.',
    zh: '{view} 视图的轮廓不是 {other} 视图的镜像：两者的吻合度为 {percent}%。由它们生成的三维模型可能有误；请查看图片，并重新生成其中一张。',
  },
  // Why an image has to be made again.
  'stale-description': { en: 'its description has changed', zh: '描述有变化' },
  'stale-style': { en: 'the style has changed', zh: '画风有变化' },
  'stale-reference': { en: 'the scene reference has changed', zh: '场景参考图已更换' },
  'stale-front': { en: 'the front card has changed', zh: '正面卡片已更换' },
  'stale-gate': { en: 'it did not pass the gate', zh: '没有通过质检' },
  'stale-asked': { en: 'it was asked for again', zh: '要求重新生成' },
  'stale-released': { en: 'the session was released', zh: '会话的锁定已解除' },
  'stale-restarted': { en: 'the session was restarted on {backend}', zh: '会话已改用 {backend} 重新开始' },
  'stale-file': { en: 'its file is missing or has changed', zh: '文件缺失或有变化' },
  'stale-unknown': { en: 'it has to be made again', zh: '需要重新生成' },
  'made-again': { en: 'Made again because {reason}.', zh: '重新生成，因为{reason}。' },
  'stale-already': { en: 'It is stale already: {reason}. Generate it again.', zh: '它已经过期：{reason}。请再次生成。' },
  'followers-stale': { en: 'The scene reference has changed, so these are stale: {ids}. Generate them again to bring them in line.', zh: '场景参考图已更换，以下图片已过期：{ids}。请再次生成，使其一致。' },
  'views-stale': { en: 'The front card has changed, so these views are stale: {ids}. Generate them again to bring them in line.', zh: '正面卡片已更换，以下视图已过期：{ids}。请再次生成，使其一致。' },
  outdated: { en: 'Another call has changed what this asset should be while it was being made; the image is kept apart and is not the current one.', zh: '在生成期间，另一个调用改变了对此图片的要求；该图片另外保存，不是当前图片。' },
  // Why there is no image.
  'no-asset': { en: 'The session {sessionId} has no asset {assetId}. Generate it first.', zh: '会话 {sessionId} 没有 {assetId}。请先生成它。' },
  'import-gone': { en: 'The scene reference of session {sessionId} was brought in from outside, and its file is gone or has changed. Set it again.', zh: '会话 {sessionId} 的场景参考图来自外部，其文件已不存在或有变化。请重新设置。' },
  'asset-removed': { en: 'The session {sessionId} no longer has the asset {assetId}: it was removed while its image was being made. The image is kept at {path}.', zh: '会话 {sessionId} 已没有 {assetId}：它在生成期间被移除。图片保存在 {path}。' },
  'aborted-waiting': { en: 'The call was aborted while it waited for its turn; nothing was sent for this asset.', zh: '调用在排队时被中止；没有为此图片发送请求。' },
  'moved-often': { en: 'The backend of session {sessionId} was changed {count} times during this call. Find out what restarts or relocks it, and try again.', zh: '会话 {sessionId} 的后端在此次调用中更换了 {count} 次。请查明是什么在重新开始或改换它，然后重试。' },
  // A picture that is brought in from outside.
  'given-picture': { en: 'The given picture', zh: '给出的图片' },
  'not-a-picture': { en: '{picture} is not a picture that is known here. Give a PNG, JPEG or WebP.', zh: '{picture} 不是可以识别的图片。请给出 PNG、JPEG 或 WebP。' },
  'cut-off': { en: '{picture} is cut off. Give the whole file.', zh: '{picture} 不完整。请给出完整的文件。' },
  unreadable: { en: 'The picture {path} cannot be read ({reason}). Check the path and its permissions.', zh: '无法读取图片 {path}（{reason}）。请检查路径和权限。' },
  'unknown-reason': { en: 'unknown reason', zh: '原因不明' },
  // The gate.
  'not-judged': { en: 'The judge has not looked at this card: {reason}', zh: '评审没有查看此卡片：{reason}' },
  unmeasured: { en: 'The card could not be measured: {reason}', zh: '无法测量卡片：{reason}' },
  'gate-kept': { en: 'It did not pass the gate, and another picture could not be made: {reason}', zh: '它没有通过质检，也无法另外生成一张：{reason}' },
} as const;

/** Says what happens to the images of a session. */
export const say: Say<typeof table> = defineMessages('hybrid', table);
