import { findSentence, renderMessage } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import type { Texts } from '../shared/session-view.ts';

/** Reasons that a session keeps as a sentence alone. */
const chineseReasons: Readonly<Record<string, string>> = {
  'the first available backend in order of priority': '按优先级第一个可用的后端',
  'taken over from an owner that is gone': '原来的进程已结束，由新的进程接手',
  'the account has reached its limit of running jobs': '账户同时运行的任务已达上限',
  'the session was released': '会话的锁定已解除',
  'the scene reference has changed': '场景参考图已更换',
  'it was asked for again': '应要求重新生成',
  'adopted from its manifest': '从清单中找回',
  'restart without success': '换后端重做没有成功',
};

/** A message in both languages. */
export function textsOf(message: Message): Texts {
  const en = renderMessage(message, { language: 'en' });
  const zh = renderMessage(message, { language: 'zh' });
  return { en, zh: (zh === en ? chineseReasons[en] : undefined) ?? zh };
}

/** One of the sentences of a report or a verdict. */
export function sentenceTexts(text: string, sentences?: readonly Message[]): Texts {
  return textsOf(findSentence(text, sentences));
}
