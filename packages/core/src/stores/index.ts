export type { Owner } from './owner.ts';
export type { PermitRequest, PermitStore } from './permit-store.ts';
export type {
  AssetRecord,
  PublishSection,
  PublishWrites,
  SessionEventRecord,
  SessionRecord,
  SessionStore,
} from './session-store.ts';
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
