import { ImageError } from '@holodeck/core';
import { isLegalOutcome } from '@holodeck/core/backend';
import { cleanMessage, joinSentences, messageOf } from '@holodeck/core/messages';
import type { ImageErrorKind, ImageErrorOutcome } from '@holodeck/core';
import type { JobHandle } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import type { ProductGuide } from './api/hunyuan-api.ts';
import { adviceFor } from './hunyuan-advice.ts';
import { meaningOf, meaningOfJobError } from './hunyuan-error-codes.ts';
import { say } from './hunyuan-messages.ts';
import { backendName } from './hunyuan-options.ts';
import { TransportError } from './wire/transport.ts';
import type { ApiFault, TransportFault } from './wire/transport.ts';
import { withoutSecrets } from './wire/wire-answer.ts';

/** What an error is about. */
export interface ErrorContext {
  readonly guide: ProductGuide;
  /** For people: the host that was reached. */
  readonly host: string;
  /** Texts that must never be shown. */
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
  /** Set once there is a job. */
  readonly handle?: JobHandle;
  /** Whether the request fixes the seed, so that the same submission draws the same picture. */
  readonly seeded: boolean;
}

/** What a fault of the wire means for a submission. */
export interface Verdict {
  readonly kind: ImageErrorKind;
  readonly outcome: ImageErrorOutcome;
  readonly retryable?: boolean;
  /** What happened. */
  readonly what: Message;
  /** What to do. */
  readonly remedy?: Message | undefined;
}

/**
 * What a failed submission means. `rejected` needs the service's own error with a code that is not ambiguous, or the
 * status 429 or 503: by definition (RFC 9110, RFC 6585) these say that the request was not handled, and because the service
 * itself answers 200 to whatever it handles, they come from the infrastructure in front of it. `not-submitted` needs an agent
 * that saw that no connection was made. Everything else may have arrived: `unknown`.
 */
export function submissionError(error: TransportError, context: ErrorContext): ImageError {
  const verdict = verdictOf(error, context);
  const doubt = verdict.outcome === 'unknown' && error.fault.type !== 'aborted' ? say('unsure') : undefined;
  return build(error, context, verdict, joinSentences(verdict.what, doubt, verdict.remedy));
}

/** What a failed query means: the job goes on, unless the service says that it ended. */
export function queryError(error: TransportError, context: ErrorContext): ImageError {
  if (error.fault.type === 'aborted') return abortError(context.signal, 'accepted', context.handle);
  const verdict = verdictOf(error, context);
  const { kind, what, remedy } = verdict;
  if (kind === 'content-policy') {
    return build(error, context, { ...verdict, outcome: 'failed' }, joinSentences(what, remedy));
  }
  const kept = context.handle === undefined ? undefined : say('job-kept', { job: context.handle.jobId });
  const said = joinSentences(what, kept, remedy);
  const outcome = 'accepted';
  if (kind === 'concurrency-limit')
    return build(error, context, { kind: 'rate-limit', outcome, retryable: true }, said);
  if (!isLegalOutcome(kind, outcome)) return build(error, context, { kind: 'internal', outcome }, said);
  const passing = ['timeout', 'bad-response', 'rate-limit'].includes(kind);
  const retryable = passing || (kind === 'unavailable' && !isEnded(error.fault));
  return build(error, context, { kind, outcome, retryable }, said);
}

/**
 * What a job with status "4" means. Its error code comes with or without a prefix. A fault of the service's is worth one
 * more submission; moderation and bad input are not.
 */
export function failedJobError(
  report: { readonly code: string; readonly message: string },
  context: ErrorContext,
  requestId: string | undefined,
): ImageError {
  const meaning = report.code === '' ? undefined : meaningOfJobError(report.code);
  const kind = failedKind(meaning?.kind);
  const retryable =
    meaning !== undefined &&
    (meaning.retryable === true || meaning.kind === 'timeout') &&
    !(kind === 'content-policy' && context.seeded);
  const code = clean(report.code, context);
  const text = clean(report.message, context);
  const advice = adviceFor(meaning?.advice, context, undefined);
  return new ImageError({
    kind,
    outcome: 'failed',
    retryable,
    ...joinSentences(jobEnded(code, text), advice),
    backend: backendName,
    ...(code === '' ? {} : { code }),
    ...(requestId === undefined ? {} : { requestId: clean(requestId, context) }),
    ...(context.handle === undefined ? {} : { handle: context.handle }),
  });
}

function jobEnded(code: string, text: string): Message {
  if (code === '') return text === '' ? say('job-ended-bare') : say('job-ended-text', { text });
  return text === '' ? say('job-ended', { code }) : say('job-ended-with', { code, text });
}

/** The error of an abort: what the signal's reason says, with where the money stands. */
export function abortError(
  signal: AbortSignal,
  outcome: 'not-submitted' | 'unknown' | 'accepted',
  handle?: JobHandle,
): ImageError {
  const reason: unknown = signal.reason;
  const timeout =
    (ImageError.isInstance(reason) && reason.kind === 'timeout') ||
    (reason instanceof Error && reason.name === 'TimeoutError');
  const where = ({ 'not-submitted': 'unsent', unknown: 'unsure', accepted: 'accepted' } as const)[outcome];
  return new ImageError({
    kind: timeout ? 'timeout' : 'aborted',
    outcome,
    ...(timeout ? say(`late-${where}`) : say(`stopped-${where}`)),
    backend: backendName,
    cause: reason,
    ...(handle === undefined ? {} : { handle }),
  });
}

/** What happened and what to do, whatever the request was. */
export function verdictOf(error: TransportError, context: ErrorContext): Verdict {
  const { fault } = error;
  const { host } = context;
  const cleaned = (reason: Message): Message => cleanMessage(reason, (text) => clean(text, context));
  switch (fault.type) {
    case 'api':
      return verdictOfCode(fault, error, context);
    case 'http':
      return verdictOfStatus(fault.status, context);
    case 'redirect':
      return {
        kind: 'bad-response',
        outcome: 'unknown',
        what: say('redirect', { host }),
        remedy: say('check-sign-in'),
      };
    case 'not-connected':
      return {
        kind: 'unavailable',
        outcome: 'not-submitted',
        retryable: true,
        what: notConnected(host, fault.reason, cleaned(fault.reason)),
        remedy: say('check-network-all'),
      };
    case 'timeout':
      return { kind: 'timeout', outcome: 'unknown', what: say('late-answer', { host }) };
    case 'broken':
      return {
        kind: 'unavailable',
        outcome: 'unknown',
        what: say('no-answer', { host, reason: cleaned(fault.reason) }),
        remedy: say('check-network'),
      };
    case 'unreadable':
      return {
        kind: 'bad-response',
        outcome: 'unknown',
        what: say('foreign-answer', { host, reason: cleaned(fault.reason) }),
        remedy: say('check-endpoint'),
      };
    default: {
      const aborted = abortError(context.signal, fault.connected ? 'unknown' : 'not-submitted');
      return { kind: aborted.kind, outcome: aborted.outcome, what: messageOf(aborted) };
    }
  }
}

/** A sentence that names the host stands alone. */
function notConnected(host: string, reason: Message, cleaned: Message): Message {
  if (!reason.message.endsWith('.')) return say('no-connection', { host, reason: cleaned });
  return reason.message.includes(host) ? reason : say('no-connection-because', { host, reason });
}

const brokenStatuses: ReadonlySet<number> = new Set([500, 502, 504]);

function verdictOfCode(fault: ApiFault, error: TransportError, context: ErrorContext): Verdict {
  const meaning = meaningOf(fault.meaning ?? fault.code);
  // A general code under a status of a broken service or gateway says nothing of the job.
  const isOpen = meaning.kind === 'unavailable' && brokenStatuses.has(fault.status ?? 200);
  const outcome = meaning.outcome ?? (isOpen ? 'unknown' : 'rejected');
  const { product } = context.guide;
  const code = clean(fault.code, context);
  const text = clean(fault.message, context);
  return {
    kind: meaning.kind,
    outcome,
    // The same seed draws the picture that was refused.
    retryable: meaning.retryable === true && !isOpen && !(outcome === 'failed' && context.seeded),
    what: text === '' ? say('answered', { product, code }) : say('answered-with', { product, code, text }),
    remedy: adviceFor(meaning.advice, context, error.clockSkewMs),
  };
}

function verdictOfStatus(status: number, { host }: ErrorContext): Verdict {
  if (status === 429)
    return { kind: 'rate-limit', outcome: 'rejected', retryable: true, what: say('http-429', { host }) };
  if (status === 503)
    return { kind: 'unavailable', outcome: 'rejected', retryable: true, what: say('http-503', { host }) };
  return {
    kind: status >= 500 ? 'unavailable' : status === 408 ? 'timeout' : 'bad-response',
    outcome: 'unknown',
    what: say('http-status', { host, status }),
    remedy: say('check-endpoint'),
  };
}

function failedKind(kind: ImageErrorKind | undefined): ImageErrorKind {
  return kind === 'content-policy' || kind === 'invalid-request' || kind === 'quota' ? kind : 'job-failed';
}

function isEnded(fault: TransportFault): boolean {
  return fault.type === 'api' && meaningOf(fault.meaning ?? fault.code).advice === 'ended';
}

function build(
  error: TransportError,
  context: ErrorContext,
  { kind, outcome, retryable = false }: Pick<Verdict, 'kind' | 'outcome' | 'retryable'>,
  said: Message,
): ImageError {
  const { fault, requestId, retryAfterMs } = error;
  const code = fault.type === 'api' ? fault.code : fault.type === 'http' ? String(fault.status) : undefined;
  return new ImageError({
    kind,
    outcome,
    retryable,
    ...said,
    backend: backendName,
    cause: cleanCause(error, context),
    ...(code === undefined ? {} : { code: clean(code, context) }),
    ...(requestId === undefined ? {} : { requestId: clean(requestId, context) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(context.handle === undefined ? {} : { handle: context.handle }),
  });
}

/** The error for debuggers: without the SDK's request and answer, and without secrets. */
function cleanCause(error: TransportError, context: ErrorContext): TransportError {
  const { fault, requestId, retryAfterMs, clockSkewMs } = error;
  let cleaned: TransportFault = fault;
  if (fault.type === 'api') {
    cleaned = { ...fault, code: clean(fault.code, context), message: clean(fault.message, context) };
  } else if ('reason' in fault) {
    cleaned = { ...fault, reason: cleanMessage(fault.reason, (text) => clean(text, context)) };
  }
  const id = requestId === undefined ? undefined : clean(requestId, context);
  const result = new TransportError(cleaned, { requestId: id, retryAfterMs, clockSkewMs });
  if (error.stack !== undefined) result.stack = error.stack;
  return result;
}

/** A text from outside: one line, bounded, without secrets and without the queries of URLs. */
export function clean(text: string, { secrets }: Pick<ErrorContext, 'secrets'>): string {
  const plain = withoutSecrets(text.replace(/(https?:\/\/[^\s?"'<>]+)\?[^\s"'<>]*/g, '$1'), secrets)
    .replace(/\s+/g, ' ')
    .trim();
  return (plain.length > 300 ? `${plain.slice(0, 300)}…` : plain).replace(/[.。]$/, '');
}
