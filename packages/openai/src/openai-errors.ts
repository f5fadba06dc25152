import { ImageError } from '@holodeck/core';
import type { ImageErrorKind, ImageErrorOutcome } from '@holodeck/core';
import { isRecord } from '@holodeck/core/backend';
import { joinSentences } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { say, sentence } from './openai-messages.ts';
import { retryAfterMs } from './wire/retry-after.ts';
import type { OpenAIProfile } from './openai-profiles.ts';
import type { WireError } from './wire/openai-wire.ts';
import { safeText } from './wire/safe-text.ts';

/** A refusal as it came. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  /** The body, or its beginning. */
  readonly body: string;
}

/** What a refusal's message may name besides the refusal itself. */
export interface RefusalContext {
  readonly profile: OpenAIProfile;
  readonly model: string;
  readonly host: string;
  /** Texts that must not stand in a message. */
  readonly secrets: readonly string[];
}

/** Codes first, types second: https://platform.openai.com/docs/guides/error-codes and the Images API reference. */
const moneyCodes = new Set([
  'credit_balance_exhausted',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
  'insufficient_quota',
  'billing_hard_limit_reached',
  'billing_not_active',
  // Volcengine Ark, and the number of SiliconFlow.
  'AccountOverdueError',
  '30001',
]);
const moderationCodes = new Set([
  'moderation_blocked',
  'content_policy_violation',
  'content_filter',
  'contentFilter',
  'safety_violations',
  'InputTextSensitiveContentDetected',
  'InputImageSensitiveContentDetected',
  'OutputImageSensitiveContentDetected',
]);
const rateCodes = new Set(['rate_limit_exceeded', 'slow_down', 'rate_limit_error']);
const overloadCodes = new Set(['server_is_overloaded', 'service_unavailable_error', 'overloaded_error']);
const keyCodes = new Set(['invalid_api_key', 'account_deactivated', 'invalid_organization', 'authentication_error']);
const requestCodes = new Set([
  'invalid_value',
  'invalid_image_file',
  'invalid_input_fidelity_model',
  'unknown_parameter',
  'unsupported_parameter',
  'unsupported_value',
  'unsupported_file_mimetype',
  'invalid_type',
  'missing_required_parameter',
  'model_not_found',
]);

/** Statuses with which anything in front of the server turns a request away before it passes it on. */
const turnedAway = new Set([407, 411, 413, 414, 415, 431]);

/** The kind that a code or type names; undefined when neither is known. */
export function kindOfError(error: WireError): ImageErrorKind | undefined {
  for (const name of [error.code, error.type]) {
    if (typeof name !== 'string' && typeof name !== 'number') continue;
    const word = withoutDetail(String(name));
    if (moneyCodes.has(word)) return 'quota';
    if (moderationCodes.has(word)) return 'content-policy';
    if (keyCodes.has(word)) return 'auth';
    if (rateCodes.has(word)) return 'rate-limit';
    if (overloadCodes.has(word)) return 'unavailable';
    if (requestCodes.has(word)) return 'invalid-request';
  }
  // OpenRouter refuses a prompt with 403 and says why.
  return isRecord(error.metadata) && Array.isArray(error.metadata['reasons']) ? 'content-policy' : undefined;
}

/** Whether the picture was made and then withheld, which is paid for. */
export function withheldAfterwards(error: WireError): boolean {
  const details = error.moderation_details;
  const stage =
    typeof details === 'object' && details !== null
      ? (details as Record<string, unknown>)['moderation_stage']
      : undefined;
  return stage === 'output' || withoutDetail(String(error.code)) === 'OutputImageSensitiveContentDetected';
}

/** Ark says more after a point: `OutputImageSensitiveContentDetected.PolicyViolation`. */
function withoutDetail(code: string): string {
  return code.replace(/\..*/, '');
}

/** Turns an answer that is not a 2xx into the error that says why, and where the money stands. */
export function refusalError(refusal: Refusal, context: RefusalContext): ImageError {
  const { status, headers } = refusal;
  const error = parseError(refusal.body, context.profile);
  const cause = (error === undefined ? undefined : kindOfError(error)) ?? kindOfStatus(status);
  const outcome = outcomeOf(refusal, cause, error);
  const kind = outcome === 'unknown' ? (status === 408 ? 'timeout' : 'unavailable') : cause;
  const wait = retryAfterMs(headers);
  const passing = kind === 'rate-limit' || kind === 'unavailable' || (kind === 'job-failed' && outcome === 'failed');
  const requestId = requestIdOf(headers, context.secrets);
  const code = typeof error?.code === 'string' ? error.code : typeof error?.type === 'string' ? error.type : undefined;
  return new ImageError({
    kind,
    outcome,
    backend: 'openai',
    ...joinSentences(answered(refusal, error, context), advice(status, kind, outcome, error, context)),
    retryable: passing && outcome !== 'unknown',
    ...(wait === undefined || kind === 'quota' ? {} : { retryAfterMs: wait }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(code === undefined ? {} : { code: safeText(code, context.secrets, 100) }),
  });
}

/** The id that helps the provider's support. A server may put anything there, also what it was sent. */
export function requestIdOf(headers: Headers, secrets: readonly string[]): string | undefined {
  const id = headers.get('x-request-id') ?? headers.get('x-siliconcloud-trace-id') ?? undefined;
  return id === undefined || id === '' ? undefined : safeText(id, secrets, 200);
}

/** The server's own error object; undefined when something in front of it wrote the body. */
export function parseError(body: string, profile: OpenAIProfile): WireError | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { error, detail, message } = value as Record<string, unknown>;
  if (typeof error === 'object' && error !== null && 'message' in error) return error;
  if (profile.refusalShape === 'openai') return undefined;
  if (typeof error === 'object' && error !== null) return error;
  if (typeof error === 'string') return { message: typeof message === 'string' ? message : error, code: error };
  if (detail !== undefined) return { message: typeof detail === 'string' ? detail : JSON.stringify(detail) };
  return typeof message === 'string' ? (value as WireError) : undefined;
}

function kindOfStatus(status: number): ImageErrorKind {
  if (status === 401 || status === 403 || status === 407) return 'auth';
  if (status === 402) return 'quota';
  if (status === 429) return 'rate-limit';
  if (status === 408) return 'timeout';
  if (status === 500) return 'job-failed';
  if (status === 501) return 'invalid-request';
  if (status > 500) return 'unavailable';
  return 'invalid-request';
}

/** 408, 502, 504, 52x, a foreign 500 and a foreign 4xx do not say whether the image was made. */
function outcomeOf({ status, body }: Refusal, kind: ImageErrorKind, error: WireError | undefined): ImageErrorOutcome {
  if (kind === 'content-policy') return error !== undefined && withheldAfterwards(error) ? 'failed' : 'rejected';
  if (status === 500) return error === undefined ? 'unknown' : outcomeOf500(kind);
  // Nothing was begun: the limit is reached, nobody could take it, or there is no such function.
  if (status === 429 || status === 503 || status === 501) return 'rejected';
  if (status === 408 || status === 499 || status > 500) return 'unknown';
  // 303 would mean: done, see there.
  if (status === 303) return 'unknown';
  return status < 400 || error !== undefined || turnedAway.has(status) || isBare404(status, body)
    ? 'rejected'
    : 'unknown';
}

/** What has no such route answers 404 without a body, before anything else is looked at. */
function isBare404(status: number, body: string): boolean {
  return status === 404 && body.trim() === '';
}

function outcomeOf500(kind: ImageErrorKind): ImageErrorOutcome {
  return kind === 'rate-limit' || kind === 'auth' ? 'rejected' : 'failed';
}

function answered({ status, body }: Refusal, error: WireError | undefined, { host, secrets }: RefusalContext): Message {
  const text = safeText(body, secrets, 120);
  if (typeof error?.message !== 'string') {
    return text === ''
      ? say('answered', { host, status })
      : say('answered-text', { host, status, text: JSON.stringify(text) });
  }
  const words = safeText(error.message, secrets, 400);
  return typeof error.param === 'string' && error.param !== ''
    ? say('answered-parameter', { host, status, error: words, parameter: safeText(error.param, secrets, 60) })
    : say('answered-error', { host, status, error: sentence(words) });
}

function advice(
  status: number,
  kind: ImageErrorKind,
  outcome: ImageErrorOutcome,
  error: WireError | undefined,
  { model, profile }: RefusalContext,
): Message {
  if (outcome === 'unknown') return say('advice-unknown');
  if (kind === 'quota') return say(profile.name === 'openai' ? 'advice-quota-openai' : 'advice-quota');
  if (kind === 'content-policy') return say(outcome === 'failed' ? 'advice-withheld' : 'advice-moderated');
  if (status === 403) return say('advice-access', { model });
  if (kind === 'auth') return say('advice-key');
  if (kind === 'rate-limit') return say('advice-rate');
  if (status >= 300 && status < 400) return say('advice-redirect');
  if (status === 410 || error?.code === 'model_not_found') return say('advice-model', { model });
  if (status === 404) return say('advice-address');
  return say(kind === 'invalid-request' ? 'advice-request' : 'advice-later');
}
