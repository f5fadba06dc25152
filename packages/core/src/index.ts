export * from './contract/index.ts';
export * from './client/index.ts';
export * from './stores/index.ts';
export type { Clock } from './internal/clock.ts';
export { systemClock } from './internal/clock.ts';
export * from './network/index.ts';
export * from './images/index.ts';
export { createPollPacer } from './client/poll-pacer.ts';
export type { PollPacerOptions } from './client/poll-pacer.ts';
