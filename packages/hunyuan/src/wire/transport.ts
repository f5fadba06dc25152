import type { ApiCall } from '../api/hunyuan-api.ts';
import type { WireAnswer } from './hunyuan-wire.ts';

/** How one request is sent. */
export interface SendOptions {
  readonly signal: AbortSignal;
  /**
   * A fresh connection that is used once and never for a followed redirect: what a request that may cost money needs, so
   * that a reset of an idle socket cannot pose as a lost answer.
   */
  readonly oneShot: boolean;
  /** A UUID that the service logs. */
  readonly traceId: string;
  /** Called right before the request leaves; what it throws is passed on. */
  readonly beforeSend?: (() => void) | undefined;
}

/** The service's own error. */
export interface ApiFault {
  readonly type: 'api';
  /** The service's own code. */
  readonly code: string;
  readonly message: string;
  /** What to look up instead of the code, where codes are not those of the other APIs. */
  readonly meaning?: string;
  /** The HTTP status, where it is no success: the service answers 200 also where it says no. */
  readonly status?: number;
}

/** What the network saw of a failed request. */
export type TransportFault =
  | ApiFault
  /** An HTTP status that is no success, without the service's own error in its body. */
  | { readonly type: 'http'; readonly status: number }
  /** A redirect, which is not followed. */
  | { readonly type: 'redirect' }
  /** No connection was made: nothing was sent. */
  | { readonly type: 'not-connected'; readonly message: string }
  /** The connection stood, and the answer did not come in time. */
  | { readonly type: 'timeout' }
  /** The connection stood and broke. */
  | { readonly type: 'broken'; readonly message: string }
  /** An answer that is not the service's. */
  | { readonly type: 'unreadable'; readonly message: string }
  /** The signal was aborted. */
  | { readonly type: 'aborted'; readonly connected: boolean };

/** Thrown by a transport; turned into an `ImageError` by the caller, who knows what the request was. */
export class TransportError extends Error {
  readonly fault: TransportFault;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** The service's clock less this machine's, in milliseconds, where an answer showed it. */
  readonly clockSkewMs: number | undefined;

  constructor(
    fault: TransportFault,
    details: {
      requestId?: string | undefined;
      retryAfterMs?: number | undefined;
      clockSkewMs?: number | undefined;
    } = {},
    cause?: unknown,
  ) {
    super(fault.type, cause === undefined ? undefined : { cause });
    this.name = 'TransportError';
    this.fault = fault;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
    this.clockSkewMs = details.clockSkewMs;
  }
}

/** A success: the inner object of the answer. */
export interface TransportAnswer {
  readonly answer: WireAnswer;
  readonly clockSkewMs?: number;
}

/** Sends requests of one API. Throws only `TransportError`, and what `beforeSend` throws. */
export interface Transport {
  send(call: ApiCall, options: SendOptions): Promise<TransportAnswer>;
  close(): Promise<void>;
}
