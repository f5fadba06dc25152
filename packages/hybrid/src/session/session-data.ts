import type { Message } from '@holodeck/core/messages';
import type { SessionRecord } from '@holodeck/core/stores';

/** The `data` of a `SessionRecord`. */
export interface SessionData {
  /** Epoch in which the current backend was chosen. A take-over raises the session's epoch but not this. */
  readonly choiceEpoch?: number;
  readonly sceneText?: string;
  readonly style?: string;
  /** Why it has its backend: the record's `reason` with its id. */
  readonly reason?: Message;
  /** Of the last manifest that was written. */
  readonly manifestRevision?: number;
  /** Name of the backend that `relock` asked for. */
  readonly preferred?: string;
  /** Names of backends that failed in the current round of claims. */
  readonly tried?: readonly string[];
  /** The lock before an unfinished restart; restored if the restart finds no backend. */
  readonly before?: {
    readonly backend: string;
    readonly model: string;
    readonly fingerprint: string;
    readonly choiceEpoch: number;
    readonly restartEpoch: number;
  };
}

/** The `data` of a record, typed. */
export function sessionDataOf(record: SessionRecord): SessionData {
  return record.data as SessionData;
}

/** Plain JSON of a typed `SessionData`. */
export function storedData(data: SessionData): Readonly<Record<string, unknown>> {
  return data as unknown as Readonly<Record<string, unknown>>;
}
