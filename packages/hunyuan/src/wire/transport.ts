import type { Message } from '@holodeck/core/messages';
import type { ApiCall } from '../api/hunyuan-api.ts';
import type { WireAnswer } from './hunyuan-wire.ts';

/** How one request is sent. */
export interface SendOptions {
  readonly signal: AbortSignal;
  /**
   * A fresh connection that is used once and never for a followed redirect: what a request that may cost money needs, so
   * that the reset of an idle socket cannot be mistaken for a lost answer.
   */
  readonly oneShot: boolean;
  /** A UUID that the service logs. Each request needs one of its own. */
  readonly traceId: string;
  /** For `oneShot`: awaited once the connection stands, right before the first byte. Where it rejects, nothing is sent. */
  readonly beforeSend?: (() => Promise<void>) | undefined;
}

/** The service's own error. */
export interface ApiFault {
  readonly type: 'api';
  /** The service's own code. */
  readonly code: string;
  readonly message: string;
  /** What to look up instead of the code, where codes are not those of the other APIs. */
  readonly meaning?: string;
  /** The HTTP status of a refusal that is not 200: the service also refuses with 200. */
  readonly status?: number;
}

/** What the network saw of a failed request. */
export type TransportFault =
  | ApiFault
  /** Any HTTP status but 200, without the service's own error in its body. */
  | { readonly type: 'http'; readonly status: number }
  /** A redirect, which is not followed. */
  | { readonly type: 'redirect' }
  /** No connection was made: nothing was sent. */
  | { readonly type: 'not-connected'; readonly reason: Message }
  /** The connection stood, and the answer did not come in time. */
  | { readonly type: 'timeout' }
  /** The connection stood and broke. */
  | { readonly type: 'broken'; readonly reason: Message }
  /** An answer that is not the service's. */
  | { readonly type: 'unreadable'; readonly reason: Message }
  /** The signal was aborted. */
  | { readonly type: 'aborted'; readonly connected: boolean };

/** What else is known of a failed request. */
export interface FaultDetails {
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The service's clock less this machine's, in milliseconds, where an answer showed it. */
  readonly clockSkewMs?: number | undefined;
  /** The answer that names an error, where it may hold more: such as the id of a job that was made nevertheless. */
  readonly answer?: WireAnswer | undefined;
}

/** Thrown by a transport. The caller knows what the request was, and makes an `ImageError` of it. */
export class TransportError extends Error {
  readonly fault: TransportFault;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly clockSkewMs: number | undefined;
  readonly answer: WireAnswer | undefined;

  constructor(fault: TransportFault, details: FaultDetails = {}, cause?: unknown) {
    super(fault.type, cause === undefined ? undefined : { cause });
    this.name = 'TransportError';
    this.fault = fault;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
    this.clockSkewMs = details.clockSkewMs;
    this.answer = details.answer;
  }
}

/** A success: the inner object of the answer. */
export interface TransportAnswer {
  readonly answer: WireAnswer;
  readonly clockSkewMs?: number;
}

/** Sends requests of one API. Throws only `TransportError`. */
export interface Transport {
  /** Loads the SDK that `send` needs, if it needs one. */
  load?(): Promise<void>;
  send(call: ApiCall, options: SendOptions): Promise<TransportAnswer>;
  close(): Promise<void>;
}
