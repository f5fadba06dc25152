import type { ImageErrorKind, ImageErrorOutcome } from './error-kinds.ts';
import type { Message, MessageParams } from '../messages/message.ts';
import { cleanMessage } from '../messages/message-of.ts';
import type { JobHandle } from './job-handle.ts';
import { blankSecrets } from './secrets.ts';

// A global symbol, so that two copies of this package recognise each other's errors.
const marker = Symbol.for('holodeck.image-error');

/** The fields of an `ImageError`. */
export interface ImageErrorFields extends Message {
  readonly kind: ImageErrorKind;
  readonly outcome: ImageErrorOutcome;
  /** What happened and what to do next. Never a secret, a signed URL or a stack. */
  readonly message: string;
  /** Whether the same call may succeed later. Default false. */
  readonly retryable?: boolean;
  /** The wait that the provider asked for, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly handle?: JobHandle;
  /** With `failed`: whether the provider ended the job without beginning it, so that nothing is owed. Default false. */
  readonly unpaid?: boolean;
  readonly requestId?: string;
  /** The provider's own code, such as `RequestLimitExceeded.JobNumExceed`. */
  readonly code?: string;
  /** Name of the backend; `"core"` before one is chosen. */
  readonly backend?: string;
  /** For debugging; not part of `toJSON`. */
  readonly cause?: unknown;
}

/** An `ImageError` as JSON, for stores, events and `--json`. */
export interface ImageErrorJson extends Message {
  readonly kind: ImageErrorKind;
  readonly outcome: ImageErrorOutcome;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly unpaid?: boolean;
  readonly requestId?: string;
  readonly code?: string;
  readonly backend: string;
  readonly jobId?: string;
}

/**
 * The error of these packages. `kind` says why, `outcome` whether something was paid. Recognise it with
 * `ImageError.isInstance`, which also works across copies of the package.
 */
export class ImageError extends Error {
  readonly kind: ImageErrorKind;
  readonly outcome: ImageErrorOutcome;
  /** Id of the message, to translate it with `renderMessage`; undefined for text from elsewhere. */
  readonly messageId: string | undefined;
  readonly params: MessageParams | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly handle: JobHandle | undefined;
  readonly unpaid: boolean;
  readonly requestId: string | undefined;
  readonly code: string | undefined;
  readonly backend: string;

  constructor(fields: ImageErrorFields) {
    // A provider may repeat what it was sent.
    const said = cleanMessage(fields, blankSecrets);
    super(said.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'ImageError';
    Object.defineProperty(this, marker, { value: true });
    this.kind = fields.kind;
    this.outcome = fields.outcome;
    this.messageId = fields.messageId;
    this.params = said.params;
    this.retryable = fields.retryable ?? false;
    this.retryAfterMs = fields.retryAfterMs;
    this.handle = fields.handle;
    this.unpaid = fields.unpaid ?? false;
    this.requestId = fields.requestId === undefined ? undefined : blankSecrets(fields.requestId);
    this.code = fields.code === undefined ? undefined : blankSecrets(fields.code);
    this.backend = fields.backend ?? 'core';
  }

  static isInstance(value: unknown): value is ImageError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[marker] === true;
  }

  /** The same error with some fields replaced; the default cause is the original. */
  static with(error: ImageError, changes: Partial<ImageErrorFields>): ImageError {
    const { kind, outcome, message, retryable, retryAfterMs, handle, unpaid, requestId, code, backend } = error;
    // A new sentence has its own id or none.
    const { messageId, params } = changes.message === undefined ? error : {};
    const said: Record<string, unknown> = { message, messageId, params };
    const fields: Record<string, unknown> = { kind, outcome, retryable, retryAfterMs, handle, unpaid, requestId, code };
    const given = { ...said, ...fields, backend, cause: error.cause ?? error, ...changes };
    return new ImageError(given as unknown as ImageErrorFields);
  }

  toJSON(): ImageErrorJson {
    const { kind, outcome, message, retryable, backend } = this;
    return {
      kind,
      outcome,
      message,
      retryable,
      backend,
      ...(this.messageId === undefined ? {} : { messageId: this.messageId }),
      ...(this.params === undefined ? {} : { params: this.params }),
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      ...(this.unpaid ? { unpaid: true } : {}),
      ...(this.requestId === undefined ? {} : { requestId: this.requestId }),
      ...(this.code === undefined ? {} : { code: this.code }),
      ...(this.handle === undefined ? {} : { jobId: this.handle.jobId }),
    };
  }

  /** An `ImageError` from its JSON, which lacks the handle. */
  static fromJSON(json: ImageErrorJson): ImageError {
    return new ImageError(json);
  }
}
