import { defineMessages } from '@holodeck/core/messages';
import type { Say } from '@holodeck/core/messages';

const texts = {
  // Why a session has its backend.
  'first-available': { en: 'the first available backend in order of priority', zh: '按优先级第一个可用的后端' },
  'taken-over': { en: 'taken over from a process that is gone', zh: '从已退出的进程接手' },
  'not-usable': { en: '{backend} could not be used ({kind}): {reason}', zh: '{backend} 不可用（{kind}）：{reason}' },
  restarted: { en: 'restarted because {backend} could not be used ({kind}): {reason}', zh: '因 {backend} 不可用（{kind}）而重新开始：{reason}' },
  'back-to': { en: 'back to {backend}: the restart found no other backend that could take the session', zh: '回到 {backend}：没有其他后端能接手此会话' },
  'not-restarted': { en: 'the restart had no success', zh: '换后端重做没有成功' },
  adopted: { en: 'adopted from its manifest', zh: '从清单中找回' },
  // Why it has none, or not the one that it is locked to.
  'none-configured': { en: 'No image backend is configured. Set HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY, or OPENAI_API_KEY, or COMFYUI_URL.', zh: '没有配置任何后端。请设置 HUNYUAN_SECRET_ID 和 HUNYUAN_SECRET_KEY，或 OPENAI_API_KEY，或 COMFYUI_URL。' },
  'preferred-absent': {
    en: 'The session was told to use {backend}, which is not configured. Configure it, or [call relock() with another backend|run "sessions relock" with another --backend].',
    zh: '会话被指定使用 {backend}，但它没有配置。请配置它，或[用另一个后端调用 relock()|用另一个 --backend 运行 "sessions relock"]。',
  },
  'none-available': { en: 'No image backend is available.', zh: '没有可用的后端。' },
  'none-took': { en: 'No image backend could take the session.', zh: '没有后端能接手此会话。' },
  'backend-says': { en: '{backend}: {reason}', zh: '{backend}：{reason}' },
  'cannot-load': { en: 'The backend {backend} cannot be used: {reason}', zh: '后端 {backend} 无法使用：{reason}' },
  'locked-to': { en: 'Session {sessionId} is locked to {backend}, model {model}, fingerprint {fingerprint}.', zh: '会话 {sessionId} 已锁定到 {backend}，模型 {model}，指纹 {fingerprint}。' },
  'locked-absent': { en: '{backend} is not configured, or cannot be loaded.', zh: '{backend} 没有配置，或无法加载。' },
  'locked-differs': { en: 'The configuration now offers {backend}, model {model}, fingerprint {fingerprint}.', zh: '现在的配置提供 {backend}，模型 {model}，指纹 {fingerprint}。' },
  'locked-remedy': {
    en: 'Its images would no longer look alike. Restore the earlier configuration, use another session id, or give up the images with [relock({ discardAssets: true })|"sessions relock --discard-assets"].',
    zh: '其图片将不再一致。请恢复先前的配置，换一个会话 id，或用 [relock({ discardAssets: true })|"sessions relock --discard-assets"] 放弃这些图片。',
  },
  'locked-choices': {
    en: 'Session {sessionId} is locked to {backend} ({model}), so no other backend was asked. Choices: run it again later; [onLockedBackendDown "wait"|--on-backend-down wait] to wait for it; ["restart"|--on-backend-down restart] to make every image of the session again on the next backend (paid again); or [relock({ discardAssets: true })|"sessions relock --discard-assets"].',
    zh: '会话 {sessionId} 已锁定到 {backend}（{model}），因此没有询问其他后端。可以：稍后再次运行；用 [onLockedBackendDown "wait"|--on-backend-down wait] 等待它；用 ["restart"|--on-backend-down restart] 在下一个后端上重新生成会话的全部图片（再次付费）；或使用 [relock({ discardAssets: true })|"sessions relock --discard-assets"]。',
  },
} as const;

/** Says which backend a session has and why. */
export const say: Say<typeof texts> = defineMessages('hybrid', texts);
