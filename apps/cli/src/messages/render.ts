import { findSentence, joinSentences, renderMessage } from '@holodeck/core/messages';
import type { ProbeReport } from '@holodeck/core';
import type { Message, MessageValue } from '@holodeck/core/messages';

import { currentLanguage } from './messages.ts';
import { translate } from './translate.ts';

/** What a library says, in the language that was chosen, to a reader at the command line. */
export function render(message: Message): string {
  return renderMessage(withTranslations(message), { language: currentLanguage(), reader: 'command-line' });
}

/** The same for whatever was thrown. */
export function renderError(error: unknown): string {
  return render(error instanceof Error ? error : { message: String(error) });
}

/** What a probe found, and what to do about it. */
export function renderReport({ message, remedy, sentences }: ProbeReport): string {
  return render(joinSentences(findSentence(message, sentences), remedy && findSentence(remedy, sentences)));
}

/** Sentences of packages that do not say which message they are, by their text. */
function withTranslations({ message, messageId, params }: Message): Message {
  if (params === undefined) return { message: messageId === undefined ? translate(message) : message, messageId };
  const value = (one: MessageValue): MessageValue => {
    if (typeof one === 'object') return withTranslations(one);
    return typeof one === 'string' && messageId === 'sentences' ? translate(one) : one;
  };
  return {
    message,
    messageId,
    params: Object.fromEntries(Object.entries(params).map(([name, one]) => [name, value(one)])),
  };
}
