import { ImageError } from '@holodeck/core';
import { isLegalOutcome } from '@holodeck/core/backend';
import type { ImageErrorKind, ImageErrorOutcome } from '@holodeck/core';
import type { JobHandle } from '@holodeck/core/backend';
import type { ProductGuide } from './api/hunyuan-api.ts';
import { meaningOf, meaningOfJobError } from './hunyuan-error-codes.ts';
import { adviceText } from './hunyuan-advice.ts';
import { backendName } from './hunyuan-options.ts';
import { TransportError } from './wire/transport.ts';
import type { ApiFault, TransportFault } from './wire/transport.ts';

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
  readonly what: string;
  /** What to do. */
  readonly remedy?: string | undefined;
}

const unsure = 'The submission may have arrived and cannot be looked up, so it is not sent again by itself.';

/**
 * What a failed submission means. `rejected` needs the service's own error with a code that is not ambiguous, or the
 * status 429 or 503: both mean by their definition (RFC 9110, RFC 6585) that the request was not handled, and the
 * service itself answers 200 to whatever it handles, so they come from the infrastructure in front of it. `not-submitted`
 * needs an agent that saw that no connection was made. Everything else may have arrived: `unknown`.
 */
export function submissionError(error: TransportError, context: ErrorContext): ImageError {
  const verdict = verdictOf(error, context);
  const doubt = verdict.outcome === 'unknown' && error.fault.type !== 'aborted' ? unsure : undefined;
  return build(error, context, { ...verdict, message: join(verdict.what, doubt, verdict.remedy) });
}

/** What a failed query means: the job goes on, unless the service says that it ended. */
export function queryError(error: TransportError, context: ErrorContext): ImageError {
  if (error.fault.type === 'aborted') return abortError(context.signal, 'accepted', context.handle);
  const verdict = verdictOf(error, context);
  if (verdict.kind === 'content-policy') {
    return build(error, context, { ...verdict, outcome: 'failed', message: join(verdict.what, verdict.remedy) });
  }
  const job =
    context.handle === undefined ? undefined : `Job ${context.handle.jobId} is not lost: collect it again later.`;
  const message = join(verdict.what, job, verdict.remedy);
  if (verdict.kind === 'concurrency-limit') {
    return build(error, context, { kind: 'rate-limit', outcome: 'accepted', retryable: true, message });
  }
  if (!isLegalOutcome(verdict.kind, 'accepted')) {
    return build(error, context, { kind: 'internal', outcome: 'accepted', message });
  }
  const passing = ['timeout', 'bad-response', 'rate-limit'].includes(verdict.kind);
  const retryable = passing || (verdict.kind === 'unavailable' && !isEnded(error.fault));
  return build(error, context, { kind: verdict.kind, outcome: 'accepted', retryable, message });
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
  const reason = report.code === '' ? 'without a reason' : `with ${report.code}`;
  const advice = adviceText(meaning?.advice, context, undefined);
  return new ImageError({
    kind,
    outcome: 'failed',
    retryable,
    message: join(sentence(`The job ended ${reason}`, clean(report.message, context)), advice),
    backend: backendName,
    ...(report.code === '' ? {} : { code: report.code }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(context.handle === undefined ? {} : { handle: context.handle }),
  });
}

/** The error of an abort: what the signal's reason says, with where the money stands. */
export function abortError(signal: AbortSignal, outcome: ImageErrorOutcome, handle?: JobHandle): ImageError {
  const reason: unknown = signal.reason;
  const timeout =
    (ImageError.isInstance(reason) && reason.kind === 'timeout') ||
    (reason instanceof Error && reason.name === 'TimeoutError');
  const what = timeout ? 'The time was up' : 'Aborted';
  const where: Partial<Record<ImageErrorOutcome, string>> = {
    'not-submitted': 'before anything was sent.',
    unknown:
      'while the submission was on its way; it may have arrived and cannot be looked up. It is not sent again by itself.',
    accepted: 'while the job was running; it is paid for, goes on at the service and can be collected.',
  };
  return new ImageError({
    kind: timeout ? 'timeout' : 'aborted',
    outcome,
    message: `${what} ${where[outcome] ?? ''}`.trim(),
    backend: backendName,
    cause: reason,
    ...(handle === undefined ? {} : { handle }),
  });
}

/** What happened and what to do, whatever the request was. */
export function verdictOf(error: TransportError, context: ErrorContext): Verdict {
  const { fault } = error;
  const { host } = context;
  switch (fault.type) {
    case 'api':
      return verdictOfCode(fault, error, context);
    case 'http':
      return verdictOfStatus(fault.status, context);
    case 'redirect':
      return {
        kind: 'bad-response',
        outcome: 'unknown',
        what: `${host} answered with a redirect, which is not followed.`,
        remedy: 'Check endpoint and proxy (a sign-in page?).',
      };
    case 'not-connected':
      return {
        kind: 'unavailable',
        outcome: 'not-submitted',
        retryable: true,
        what: notConnected(host, clean(fault.message, context)),
        remedy: 'Check the network, the proxy variables and the endpoint.',
      };
    case 'timeout':
      return { kind: 'timeout', outcome: 'unknown', what: `${host} did not answer in time.` };
    case 'broken':
      return {
        kind: 'unavailable',
        outcome: 'unknown',
        what: `No answer from ${host}: ${clean(fault.message, context)}.`,
        remedy: 'Check the network.',
      };
    case 'unreadable':
      return {
        kind: 'bad-response',
        outcome: 'unknown',
        what: `${host} sent an answer that is not the service's: ${clean(fault.message, context)}.`,
        remedy: 'Check endpoint and proxy.',
      };
    default: {
      const { kind, outcome, message } = abortError(context.signal, fault.connected ? 'unknown' : 'not-submitted');
      return { kind, outcome, what: message };
    }
  }
}

/** A whole sentence about the host needs no other before it; that a proxy is away does. */
function notConnected(host: string, said: string): string {
  return /^[A-Z]/.test(said) && said.includes(host) ? `${said}.` : `No connection to ${host}: ${said}.`;
}

const brokenStatuses: ReadonlySet<number> = new Set([500, 502, 504]);

function verdictOfCode(fault: ApiFault, error: TransportError, context: ErrorContext): Verdict {
  const { code, message } = fault;
  const meaning = meaningOf(fault.meaning ?? code);
  // A general code under a status of a broken service or gateway says nothing of the job.
  const isOpen = meaning.kind === 'unavailable' && brokenStatuses.has(fault.status ?? 200);
  const outcome = meaning.outcome ?? (isOpen ? 'unknown' : 'rejected');
  return {
    kind: meaning.kind,
    outcome,
    // The same seed draws the picture that was refused.
    retryable: meaning.retryable === true && !isOpen && !(outcome === 'failed' && context.seeded),
    what: sentence(`${context.guide.product} answered ${code}`, clean(message, context)),
    remedy: adviceText(meaning.advice, context, error.clockSkewMs),
  };
}

function verdictOfStatus(status: number, { host }: ErrorContext): Verdict {
  if (status === 429) {
    const what = `${host} refused the request with HTTP 429: too many requests.`;
    return { kind: 'rate-limit', outcome: 'rejected', retryable: true, what };
  }
  if (status === 503) {
    const what = `${host} refused the request with HTTP 503: it is overloaded or being maintained.`;
    return { kind: 'unavailable', outcome: 'rejected', retryable: true, what };
  }
  return {
    kind: status >= 500 ? 'unavailable' : status === 408 ? 'timeout' : 'bad-response',
    outcome: 'unknown',
    what: `${host} answered HTTP ${status} without an error of the service's own, so this came from something in front of it.`,
    remedy: 'Check endpoint and proxy.',
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
  verdict: {
    readonly kind: ImageErrorKind;
    readonly outcome: ImageErrorOutcome;
    readonly retryable?: boolean;
    readonly message: string;
  },
): ImageError {
  const { fault, requestId, retryAfterMs } = error;
  const code = fault.type === 'api' ? fault.code : fault.type === 'http' ? String(fault.status) : undefined;
  return new ImageError({
    kind: verdict.kind,
    outcome: verdict.outcome,
    retryable: verdict.retryable ?? false,
    message: verdict.message,
    backend: backendName,
    cause: withoutSecrets(error, context),
    ...(code === undefined ? {} : { code }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(context.handle === undefined ? {} : { handle: context.handle }),
  });
}

/** The error for debuggers: without what the SDK knows of request and answer, and with clean words. */
function withoutSecrets(error: TransportError, context: ErrorContext): TransportError {
  const { fault, requestId, retryAfterMs, clockSkewMs } = error;
  const cleaned = 'message' in fault ? { ...fault, message: clean(fault.message, context) } : fault;
  const result = new TransportError(cleaned, { requestId, retryAfterMs, clockSkewMs });
  if (error.stack !== undefined) result.stack = error.stack;
  return result;
}

/** A text from outside for a message: one line, bounded, without secrets and without the queries of URLs. */
function clean(text: string, { secrets }: ErrorContext): string {
  let result = text.replace(/(https?:\/\/[^\s?"'<>]+)\?[^\s"'<>]*/g, '$1');
  for (const secret of secrets) result = result.replaceAll(secret, '***');
  result = result.replace(/\s+/g, ' ').trim();
  return (result.length > 300 ? `${result.slice(0, 300)}…` : result).replace(/[.。]$/, '');
}

function sentence(head: string, detail: string): string {
  return detail === '' ? `${head}.` : `${head}: ${detail}.`;
}

function join(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
