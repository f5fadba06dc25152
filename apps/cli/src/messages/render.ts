import { findSentence, joinSentences, renderMessage } from '@holodeck/core/messages';
import type { ProbeReport } from '@holodeck/core';
import type { Message } from '@holodeck/core/messages';

import { currentLanguage } from './messages.ts';

/** A library's message in the chosen language, for a reader at the command line. */
export function render(message: Message): string {
  return renderMessage(message, { language: currentLanguage(), reader: 'command-line' });
}

/** The same for anything that was thrown. */
export function renderError(error: unknown): string {
  return render(error instanceof Error ? error : { message: String(error) });
}

/** What a probe found, and what to do about it. */
export function renderReport({ message, remedy, sentences }: ProbeReport): string {
  return render(joinSentences(findSentence(message, sentences), remedy && findSentence(remedy, sentences)));
}
