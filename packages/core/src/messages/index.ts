/**
 * `@holodeck/core/messages`: messages by id, rendered in a language for a reader. Loads nothing else.
 *
 * @module
 */
export {
  defineMessages,
  findSentence,
  joinSentences,
  knownMessages,
  renderMessage,
  renderSentence,
} from './define-messages.ts';
export type { MessageTable, MessageTexts, NameOf, Places, RenderOptions, Say } from './define-messages.ts';
export { cleanMessage, messageOf } from './message-of.ts';
export type { Language, Message, MessageParams, MessageValue } from './message.ts';
