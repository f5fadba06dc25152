/**
 * `@holodeck/core/stores`: stores of rows, sessions and permits in memory and SQLite, and what an author of another store
 * needs: codecs of rows and sessions, the rules of publish sections, waiting and rates.
 *
 * @module
 */
export { openExistingStoreForFolder, openStoreForFolder } from '../client/open-store-for-folder.ts';
export type { OpenStoreOptions } from '../client/open-store-for-folder.ts';
export { DiskReserve, isNoSpaceError } from './disk-reserve.ts';
export { createMemoryPermits } from './memory/memory-permits.ts';
export type { MemoryPermitsOptions } from './memory/memory-permits.ts';
export { createMemoryStore } from './memory/memory-store.ts';
export type { MemoryStoreOptions } from './memory/memory-store.ts';
export {
  createOwner,
  heartbeatIntervalMs,
  isOwnerProcessAlive,
  isProcessAlive,
  ownerLeaseMs,
  parseOwnerId,
} from './owner.ts';
export type { Owner } from './owner.ts';
export type {
  DurationRecord,
  LaneView,
  LearnedRecord,
  LearnedUpdate,
  PermitPhase,
  PermitRequest,
  PermitStore,
  PermitView,
} from './permit-store.ts';
export type {
  AssetRecord,
  PublishSection,
  PublishWrites,
  SessionEventRecord,
  SessionRecord,
  SessionStore,
} from './session-store.ts';
export { pruneDone } from '../tasks/prune-done.ts';
export type { PruneOptions } from '../tasks/prune-done.ts';
export { openSqlitePermits } from './sqlite/sqlite-permits.ts';
export type { SqlitePermitsOptions } from './sqlite/sqlite-permits.ts';
export { openSqliteStore } from './sqlite/sqlite-store.ts';
export type { SqliteStoreOptions } from './sqlite/sqlite-store.ts';
export type { Store } from './store.ts';
export { openStates } from './task-store.ts';
export type {
  RowVersion,
  StoredImage,
  DamagedTaskRow,
  TaskFilter,
  TaskRow,
  TaskRowId,
  TaskRowPatch,
  TaskState,
  TaskStore,
  WriteOptions,
} from './task-store.ts';

export { startInterval } from '../internal/interval.ts';
export { checkRate, reserveMoment } from './rate-reservation.ts';
export type { RateState } from './rate-reservation.ts';
export { ReleaseWaiters } from './release-waiters.ts';
export { decodeAsset, decodeSession, emptySession, encodeSession, runPublishWork } from './session-codec.ts';
export { createStorageError, refuseForget } from './storage-error.ts';
export { decodeListedRow, decodeTaskRow, encodeTaskPatch, encodeTaskRow, matchesTaskFilter } from './task-row-codec.ts';
export type { EncodedTaskRow, TaskColumn } from './task-row-codec.ts';
