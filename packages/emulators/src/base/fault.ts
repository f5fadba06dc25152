/**
 * The words for what goes wrong.
 *
 * A rule says *when* (`operation`, `match`, `nth`, `rate`, `times`) and *what* (`kind` and its details). A script says
 * for each request in turn what happens to it.
 *
 * ```ts
 * emulator.setFaults([
 *   { kind: 'refuse', code: 'RequestLimitExceeded', operation: 'submit', nth: [2, 3] },
 *   { kind: 'reset-after-accept', operation: 'submit', rate: 0.05 },
 *   { operation: 'query', script: ['pass', { kind: 'http-status', status: 502 }, 'pass'] },
 * ]);
 * ```
 */

/** Faults that each emulator knows. */
export type CommonFaultKind =
  /** The service refuses with its own error body; `code`, `message`, `status`. */
  | 'refuse'
  /** The connection is reset (RST) after the request was read; nothing was done. */
  | 'reset-before-accept'
  /** The work is done and paid for, then the connection is reset instead of an answer. */
  | 'reset-after-accept'
  /** No headers: for `delayMs`, or for ever. The work is done unless `accepted` is false. */
  | 'stall'
  /** Headers and `afterBytes` of the body, then silence. */
  | 'stall-body'
  /** The body comes slowly: `bytesPerSecond`. */
  | 'drip'
  /** The connection ends after `afterBytes` of the body, although more was announced. */
  | 'truncate'
  /** Status 200 with a page of HTML (or `body` and `headers`). Nothing is done unless `accepted` is true. */
  | 'wrong-content'
  /** A bare HTTP `status` from something in front of the service. Nothing is done unless `accepted` is true. */
  | 'http-status'
  /** The job ends as failed; `code`, `message`. */
  | 'fail-job'
  /** The service forgets the job. */
  | 'lose-job'
  /** The link to the picture has expired. */
  | 'expire-url'
  /** The service restarts: it forgets every job and drops every connection. */
  | 'restart';

export const commonFaultKinds: readonly CommonFaultKind[] = [
  'refuse',
  'reset-before-accept',
  'reset-after-accept',
  'stall',
  'stall-body',
  'drip',
  'truncate',
  'wrong-content',
  'http-status',
  'fail-job',
  'lose-job',
  'expire-url',
  'restart',
];

/** What happens. */
export interface FaultEffect<Kind extends string = CommonFaultKind> {
  kind: Kind;
  /** The service's error code, for `refuse` and `fail-job`. */
  code?: string;
  /** The error's text. Default: the one that belongs to the code. */
  message?: string;
  /** The HTTP status, for `http-status` (default 503) and where the service's refusals carry one. */
  status?: number;
  /** Further response headers, such as `retry-after`. */
  headers?: Record<string, string>;
  /** The body, for `wrong-content` and `http-status`. */
  body?: string;
  /** Was the work done before the fault struck? Meaning and default: see the kind. */
  accepted?: boolean;
  /** Milliseconds of silence before the answer, for `stall`. Default: for ever. */
  delayMs?: number;
  /** Bytes of the body sent before the fault strikes, for `truncate` and `stall-body`. Default: half. */
  afterBytes?: number;
  /** Speed of `drip`. Default 1024. */
  bytesPerSecond?: number;
}

/** When and what. Without `nth` and `rate` every request is struck. */
export interface FaultRule<Kind extends string = CommonFaultKind> extends FaultEffect<Kind> {
  /** The operation that is struck; the emulator's documentation lists them. Default: every one. */
  operation?: string;
  /** Only requests whose prompt (or id) contains this text. */
  match?: string;
  /** Only the nth matching request(s) since the faults were set, from 1. */
  nth?: number | readonly number[];
  /** The share of matching requests that is struck, 0 to 1, drawn from the emulator's seed. */
  rate?: number;
  /** The rule is spent after so many strikes. Default: never. */
  times?: number;
}

/** One step for each matching request in turn; after the last step all pass. */
export interface FaultScript<Kind extends string = CommonFaultKind> {
  operation?: string;
  match?: string;
  script: readonly ('pass' | FaultEffect<Kind>)[];
}

/** A fault by rule or by script. */
export type FaultInput<Kind extends string = CommonFaultKind> = FaultRule<Kind> | FaultScript<Kind>;
