import type { ImageError, ImageErrorJson, ImageUsage, ImageWarning, JobHandle } from '../contract/index.ts';

/** The stored states of a task. `queued` comes before them and is never stored. */
export type TaskState =
  | 'submitting'
  | 'accepted'
  | 'ended'
  | 'received'
  | 'done'
  | 'rejected'
  | 'failed'
  | 'lost'
  | 'cancelled'
  | 'unknown';

/** States that still need work. */
export const openStates: readonly TaskState[] = ['submitting', 'accepted', 'ended', 'received'];

/** An image of a `received` or `done` row. Paths inside the store's folder are relative to it, with `/`. */
export interface StoredImage {
  /** The temporary file; absent once the row is `done`. */
  readonly temporaryPath?: string;
  readonly path: string;
  readonly sha256: string;
  readonly byteLength: number;
  readonly width: number;
  readonly height: number;
  readonly mediaType: string;
  readonly seed?: number;
  readonly revisedPrompt?: string;
  /** What else the provider said of it: plain JSON of at most 4 KiB. */
  readonly providerMetadata?: Readonly<Record<string, unknown>>;
}

/** Identifies one attempt of one task. */
export interface TaskRowId {
  readonly scope: string;
  readonly taskId: string;
  /** Lowercase hex SHA-256 of the canonical request. */
  readonly requestHash: string;
  /** From 1. */
  readonly attempt: number;
}

/** One attempt of one task: a submission and its result. Plain JSON. */
export interface TaskRow extends TaskRowId {
  /** The attempt's UUID; unique in the store. */
  readonly key: string;
  readonly state: TaskState;
  readonly backend: string;
  readonly model: string;
  readonly fingerprint: string;
  readonly lane: string;
  /** The canonical request: references by path and sha256, never bytes. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Path of the first image; relative if it is inside the store's folder. */
  readonly outputPath?: string;
  /** Id of the owner that works on the row, or null. */
  readonly owner: string | null;
  /** Of a `submitting` row: what `locate` finds the submission by. */
  readonly handle?: JobHandle;
  readonly images?: readonly StoredImage[];
  readonly error?: ImageErrorJson;
  readonly warnings?: readonly ImageWarning[];
  readonly usage?: ImageUsage;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly createdAtMs: number;
  readonly acceptedAtMs?: number;
  readonly endedAtMs?: number;
  readonly updatedAtMs: number;
  /** Rises with every write, for compare-and-set. */
  readonly revision: number;
}

/** The fields that an update may change. `null` removes an optional one. */
export type TaskRowPatch = {
  readonly [
    K in
      | 'state'
      | 'owner'
      | 'handle'
      | 'images'
      | 'error'
      | 'warnings'
      | 'usage'
      | 'acceptedAtMs'
      | 'endedAtMs'
      | 'lane'
  ]?: TaskRow[K] | null;
};

/** What a write changes besides the patch. */
export type RowVersion = Pick<TaskRow, 'revision' | 'updatedAtMs'>;

/** How a row is written. */
export interface WriteOptions {
  /** Whether the write reaches the disk before the promise resolves. Default false. */
  readonly durable?: boolean;
}

/** Selects rows that match every given field. */
export interface TaskFilter {
  readonly scope?: string;
  readonly states?: readonly TaskState[];
  readonly backend?: string;
  readonly taskId?: string;
  /** Only the latest attempt of each task and request. Default false. */
  readonly latestOnly?: boolean;
  /** Called for a row that cannot be read, and the others follow. Default: `list` rejects with an error that names the row. */
  readonly onDamaged?: (row: DamagedTaskRow, error: ImageError) => void;
}

/** What is left of a row that cannot be read. */
export interface DamagedTaskRow {
  readonly scope: string;
  readonly taskId: string;
  readonly updatedAtMs: number;
}

/** Keeps tasks. Every method rejects with an `ImageError` of kind `storage` if the store cannot be used. */
export interface TaskStore {
  /**
   * Inserts a row: `submitting`, or `received` if its images came from the result cache. Resolves false, and writes nothing, if
   * a row with the same id exists: another client was faster.
   */
  begin(row: Omit<TaskRow, 'revision' | 'updatedAtMs'>, options?: WriteOptions): Promise<boolean>;
  /** Changes a row if its revision is still `revision`; resolves with the new one, else undefined. */
  update(id: TaskRowId, revision: number, patch: TaskRowPatch, options?: WriteOptions): Promise<RowVersion | undefined>;
  get(id: TaskRowId): Promise<TaskRow | undefined>;
  /** The row with the highest attempt. */
  latest(scope: string, taskId: string, requestHash: string): Promise<TaskRow | undefined>;
  /**
   * How many attempts of this task the provider accepted: rows that ever had the handle of a job, but not those that it gave up
   * unpaid. Without `requestHash`: of all requests of the task.
   */
  countPaid(scope: string, taskId: string, requestHash?: string): Promise<number>;
  /** Rows in order of creation, in pages, so that memory stays bounded. */
  list(filter?: TaskFilter): AsyncIterable<TaskRow>;
  /** Removes the rows of a task; resolves with their number. Rejects if a live owner has an open row. */
  forget(scope: string, taskId: string): Promise<number>;
  /**
   * Removes the rows of each task of which all rows are `done` and were last written before this time; resolves with their number.
   */
  forgetDone(tasks: readonly Pick<TaskRowId, 'scope' | 'taskId'>[], beforeMs: number): Promise<number>;
}
