import { findSentence, renderMessage } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import type { Texts } from '../shared/session-view.ts';

/** A message in both languages. */
export function textsOf(message: Message): Texts {
  return { en: renderMessage(message), zh: renderMessage(message, { language: 'zh' }) };
}

/** One of the sentences of a report or a verdict. */
export function sentenceTexts(text: string, sentences?: readonly Message[]): Texts {
  return textsOf(findSentence(text, sentences));
}
