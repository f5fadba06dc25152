export * from './contract/index.ts';
export {
  defineMessages,
  joinSentences,
  knownMessages,
  renderMessage,
  renderSentence,
} from './messages/define-messages.ts';
export type { MessageTable, MessageTexts, RenderOptions, Say } from './messages/define-messages.ts';
export type { Language, Message, MessageParams, MessageValue } from './messages/message.ts';
export * from './client/index.ts';
export * from './cost/index.ts';
export * from './result-cache/index.ts';
export * from './stores/index.ts';
export type { Clock } from './internal/clock.ts';
export { systemClock } from './internal/clock.ts';
export { makeFolder } from './internal/make-folder.ts';
export * from './network/index.ts';
export * from './images/index.ts';
export { createPollPacer } from './polling/poll-pacer.ts';
export type { PollPacerOptions } from './polling/poll-pacer.ts';
