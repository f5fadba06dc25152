/**
 * `@holodeck/core/store-kit`: what every store needs and no user of one does: how rows and sessions become text, the rules
 * of publish sections, waiting and rates. For authors of stores.
 */
export { startInterval } from '../internal/interval.ts';
export { refuseForget } from './forget-refusal.ts';
export { checkRate, reserveMoment } from './rate-reservation.ts';
export type { RateState } from './rate-reservation.ts';
export { ReleaseWaiters } from './release-waiters.ts';
export { decodeAsset, decodeSession, emptySession, encodeSession, runPublishWork } from './session-codec.ts';
export { createStorageError } from './storage-error.ts';
export { decodeTaskRow, encodeTaskPatch, encodeTaskRow, matchesTaskFilter } from './task-row-codec.ts';
export type { EncodedTaskRow, TaskColumn } from './task-row-codec.ts';
