export { DiskReserve, isNoFolderSyncError, isNoSpaceError } from './disk-reserve.ts';
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
export { openSqlitePermits } from './sqlite/sqlite-permits.ts';
export type { SqlitePermitsOptions } from './sqlite/sqlite-permits.ts';
export { openSqliteStore } from './sqlite/sqlite-store.ts';
export type { SqliteStoreOptions } from './sqlite/sqlite-store.ts';
export type { Store } from './store.ts';
export { openStates } from './task-store.ts';
export type {
  StoredImage,
  TaskFilter,
  TaskRow,
  TaskRowId,
  TaskRowPatch,
  TaskState,
  TaskStore,
  WriteOptions,
} from './task-store.ts';
