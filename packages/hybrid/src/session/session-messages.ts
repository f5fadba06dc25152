import { defineMessages } from '@holodeck/core/messages';
import type { Say } from '@holodeck/core/messages';

const texts = {
  'open-jobs': { en: 'Session {sessionId} has open jobs at {backend}, which is not configured. Configure it and resume again.', zh: '会话 {sessionId} 在 {backend} 有未完成的任务，但该后端没有配置。请配置后再次续取。' },
  'seed-whole': { en: 'The seed {seed} is not a whole number from 0.', zh: '种子 {seed} 不是不小于 0 的整数。' },
  'nothing-to-remake': { en: 'Session {sessionId} has no {assetId} that could be made again. Generate it first.', zh: '会话 {sessionId} 没有可以重新生成的 {assetId}。请先生成它。' },
  'not-configured': { en: 'The backend "{backend}" is not configured. Configured: {names}.', zh: '后端 "{backend}" 没有配置。已配置：{names}。' },
  'nothing-configured': { en: 'The backend "{backend}" is not configured, and neither is any other.', zh: '后端 "{backend}" 没有配置，也没有配置其他后端。' },
  'assets-exist': {
    en: 'Session {sessionId} has {count} {count:image|images}, made by {backend}. Giving up the lock makes {count:it|them} stale, and {count:it|they} will be paid for again. Pass [{ discardAssets: true }|--discard-assets] to do so.',
    zh: '会话 {sessionId} 有 {count} 张图片，由 {backend} 生成。放弃锁会使它们失效，需要重新付费。确认请加 [{ discardAssets: true }|--discard-assets]。',
  },
  'earlier-backend': { en: 'an earlier backend', zh: '先前的后端' },
  'other-session': { en: 'The folder {folder} belongs to session "{other}" by its manifest. Use that id, or another output folder.', zh: '按其清单，目录 {folder} 属于会话 "{other}"。请使用那个 id，或换一个输出目录。' },
  'same-but-case': { en: 'There is "{other}" in {folder} already, which differs from the session id "{sessionId}" only in case. Use that id, or another one.', zh: '{folder} 中已有 "{other}"，与会话 id "{sessionId}" 只有大小写不同。请使用那个 id，或换一个。' },
} as const;

/** Why a call to a session is refused. */
export const say: Say<typeof texts> = defineMessages('hybrid', texts);
