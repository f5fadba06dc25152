import {
  APICallError,
  InvalidArgumentError,
  InvalidPromptError,
  LoadAPIKeyError,
  LoadSettingError,
  NoSuchModelError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider';
import { ImageError } from '@holodeck/core';
import type { ImageErrorKind } from '@holodeck/core';

import { say } from './ai-sdk-messages.ts';

/** Codes of the system that say that no connection was made, so that nothing can have been sent. */
const notConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const kinds: Readonly<Record<number, ImageErrorKind>> = {
  400: 'invalid-request',
  401: 'auth',
  402: 'quota',
  403: 'auth',
  404: 'invalid-request',
  413: 'invalid-request',
  422: 'invalid-request',
  429: 'rate-limit',
};
const maxReasonLength = 300;

/**
 * What an error of `doGenerate` means for the money. `rejected` needs the provider's own error shape under a 4xx status, in
 * answer to the request that carried the prompt: providers that poll or download afterwards fail in the same class, and
 * their job may be paid for. Everything else that came after sending is `unknown`.
 */
export function errorOfModel(
  error: unknown,
  { name: backend, model }: { readonly name: string; readonly model: string },
  signal: AbortSignal,
): ImageError {
  const fields = { backend, cause: error } as const;
  if (isBeforeSending(error)) {
    const kind =
      LoadAPIKeyError.isInstance(error) || LoadSettingError.isInstance(error)
        ? 'auth'
        : UnsupportedFunctionalityError.isInstance(error)
          ? 'unsupported'
          : 'invalid-request';
    return new ImageError({
      ...fields,
      kind,
      outcome: 'not-submitted',
      ...say('not-usable', { model, reason: reasonOf(error) }),
    });
  }
  if (signal.aborted) {
    const isLate = ImageError.isInstance(signal.reason) && signal.reason.kind === 'timeout';
    return new ImageError({
      ...fields,
      kind: isLate ? 'timeout' : 'aborted',
      outcome: 'unknown',
      ...say('aborted-after'),
    });
  }
  if (APICallError.isInstance(error) && carriedPrompt(error)) {
    const code = error.statusCode === undefined ? codeOf(error) : undefined;
    if (code !== undefined && notConnected.has(code)) {
      return new ImageError({
        ...fields,
        kind: 'unavailable',
        outcome: 'not-submitted',
        retryable: true,
        ...say('not-connected', { model, code }),
      });
    }
    const refusal = refusalOf(error, backend, model);
    if (refusal !== undefined) return refusal;
  }
  return new ImageError({
    ...fields,
    kind: 'unavailable',
    outcome: 'unknown',
    ...say('unknown', { model, reason: reasonOf(error) }),
  });
}

/** Errors that the SDK throws while it makes the request. */
function isBeforeSending(error: unknown): boolean {
  return [
    LoadAPIKeyError,
    LoadSettingError,
    NoSuchModelError,
    InvalidArgumentError,
    InvalidPromptError,
    UnsupportedFunctionalityError,
  ].some((type) => type.isInstance(error));
}

/** Polls and downloads send no body. */
function carriedPrompt({ requestBodyValues }: APICallError): boolean {
  return (
    typeof requestBodyValues === 'object' && requestBodyValues !== null && Object.keys(requestBodyValues).length > 0
  );
}

function refusalOf(error: APICallError, backend: string, model: string): ImageError | undefined {
  const { statusCode = 0, responseHeaders = {}, data } = error;
  const kind = kinds[statusCode];
  // A page of a proxy has the status, but not the provider's shape.
  if (kind === undefined || data === undefined) return undefined;
  const reason = reasonOf(error);
  const isPolicy = /moderation|content.?policy|safety|nsfw|sensitive/i.test(`${reason} ${JSON.stringify(data)}`);
  const isQuota = /insufficient|quota|billing|credit|balance/i.test(reason) && [400, 403, 429].includes(statusCode);
  const seconds = Number(responseHeaders['retry-after']);
  return new ImageError({
    backend,
    cause: error,
    kind: isPolicy && statusCode !== 429 ? 'content-policy' : isQuota ? 'quota' : kind,
    outcome: 'rejected',
    code: String(statusCode),
    retryable: statusCode === 429 && !isQuota,
    ...(seconds >= 0 && responseHeaders['retry-after'] !== undefined ? { retryAfterMs: seconds * 1000 } : {}),
    ...say('refused', { model, status: statusCode, reason }),
  });
}

function codeOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string') return each.code;
  }
  return undefined;
}

/** The provider's words on one line, without what looks like a key. */
export function reasonOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
  const clean = text
    .replace(/\b(?:sk|pk|r8|xai|key|fal|gsk|AIza)[-_][\w-]{6,}/gi, '***')
    .replace(/\b(Bearer|Key|Token) [\w.:-]{8,}/gi, '$1 ***')
    .replace(/[?&][^\s"']*(?:signature|token|key|sig)=[^\s"'&]+[^\s"']*/gi, '?***');
  return clean.length > maxReasonLength ? `${clean.slice(0, maxReasonLength)}...` : clean || 'no reason given';
}
