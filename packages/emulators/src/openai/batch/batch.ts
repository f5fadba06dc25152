/** One batch: what its state is at a moment. */
import type { ImageCall, UploadedPicture } from '../image-call.ts';
import type { OpenAIFaultKind } from '../openai-faults.ts';
import type { OpenAIRefusal } from '../openai-refusal.ts';
import type { FaultEffect } from '../../base/fault.ts';

/** A batch as a test looks at it. */
export interface CreatedBatch {
  readonly id: string;
  /** A file that became two batches was paid twice. */
  readonly inputFileId: string;
  readonly endpoint: string;
  /** Its requests, in the order of the output; empty if it fails in validation. */
  readonly lines: readonly CreatedLine[];
}

/** One request of a batch as a test looks at it. */
export interface CreatedLine {
  readonly customId: string;
  /** Empty if the request was refused. */
  readonly prompt: string;
  readonly references: readonly UploadedPicture[];
}

export function viewOf({ id, inputFileId, endpoint, lines }: Batch): CreatedBatch {
  const view = ({ customId, call }: BatchLine): CreatedLine => {
    return { customId, prompt: call?.prompt ?? '', references: call?.images ?? [] };
  };
  return { id, inputFileId, endpoint, lines: lines.map(view) };
}

/** One line of the input file. */
export interface BatchLine {
  readonly customId: string;
  readonly requestId: string;
  /** Absent where the request was refused. */
  readonly call?: ImageCall;
  readonly refusal?: OpenAIRefusal;
  readonly fault?: FaultEffect<OpenAIFaultKind>;
}

export interface BatchFault {
  readonly code: string;
  readonly line: number | null;
  readonly message: string;
  readonly param: string | null;
}

export type BatchStatus =
  | 'validating'
  | 'failed'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | 'cancelled';

export interface Batch {
  readonly id: string;
  readonly inputFileId: string;
  readonly endpoint: string;
  readonly model: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly lines: readonly BatchLine[];
  /** Why validation fails; empty = it passes. */
  readonly errors: readonly BatchFault[];
  /** Input tokens that it holds in the queue. */
  readonly tokens: number;
  readonly createdAtMs: number;
  durationMs: number;
  readonly lifeMs: number;
  cancelledAtMs?: number;
  /** Set once it has ended. */
  outputFileId?: string;
  errorFileId?: string;
  filed?: boolean;
}

/** The shares of its duration at which validation ends and at which the last line ends. */
const validated = 0.1;
const answered = 0.9;

export function statusAt(batch: Batch, nowMs: number): BatchStatus {
  const { createdAtMs, durationMs, lifeMs, errors, cancelledAtMs } = batch;
  const spent = nowMs - createdAtMs;
  if (cancelledAtMs !== undefined) {
    return nowMs < cancelledAtMs + durationMs * validated ? 'cancelling' : 'cancelled';
  }
  if (spent < durationMs * validated) return 'validating';
  if (errors.length > 0) return 'failed';
  if (durationMs > lifeMs && spent >= lifeMs) return 'expired';
  if (spent >= durationMs) return 'completed';
  return spent >= durationMs * answered ? 'finalizing' : 'in_progress';
}

/** Whether nothing more happens in this state. */
export function isOver(status: BatchStatus): boolean {
  return ['failed', 'completed', 'expired', 'cancelled'].includes(status);
}

/** Whether a line has been answered by then; lines end one after another, and none after the batch was stopped. */
export function isAnswered(batch: Batch, index: number, nowMs: number): boolean {
  const { createdAtMs, durationMs, lifeMs, lines, cancelledAtMs = Number.POSITIVE_INFINITY, errors } = batch;
  if (errors.length > 0) return false;
  const endsAtMs = createdAtMs + durationMs * (validated + ((answered - validated) * (index + 1)) / lines.length);
  return endsAtMs <= Math.min(nowMs, createdAtMs + lifeMs) && endsAtMs < cancelledAtMs;
}
