import { ImageError } from '../contract/index.ts';
import type { ImageErrorKind } from '../contract/index.ts';
import type { Message } from '../messages/message.ts';
import { retryAfterMs } from '../network/retry-after.ts';
import { say } from './download-messages.ts';

/** The code of an answer that is not a picture: it may not come from the provider's store. */
export const noPictureCode = 'no-picture';

/** A fault on the way to an image that is paid for and still available: `collect` again. */
export function downloadFault(
  kind: ImageErrorKind,
  said: Message,
  details: {
    readonly retryable: boolean;
    readonly retryAfterMs?: number | undefined;
    readonly code?: string | undefined;
    readonly cause?: unknown;
  },
): ImageError {
  const { retryable, retryAfterMs: wait, code, cause } = details;
  return new ImageError({
    kind,
    outcome: 'accepted',
    ...said,
    retryable,
    cause,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(code === undefined ? {} : { code }),
  });
}

/** The error for an answer that is neither a success nor a redirect. A message only names the `host` of the address. */
export function errorOfStatus(response: Response, host: string | Message, isPage404Foreign: boolean): ImageError {
  const { status } = response;
  if ((status === 401 || status === 403 || (status === 404 && isPage404Foreign)) && isPage(response)) {
    return downloadFault('bad-response', say('download-page', { host, status }), {
      retryable: true,
      code: noPictureCode,
    });
  }
  if (status === 401 || status === 403 || status === 404 || status === 410) {
    const said = say('download-expired', { host, status });
    return new ImageError({ kind: 'job-failed', outcome: 'lost', code: String(status), ...said });
  }
  const wait = retryAfterMs(response.headers.get('retry-after'));
  if (status === 429) {
    return downloadFault('rate-limit', say('download-rate', { host }), { retryable: true, retryAfterMs: wait });
  }
  if (status >= 500 || status === 408 || status === 425) {
    const said = say('download-unavailable', { host, status });
    return downloadFault('unavailable', said, { retryable: true, retryAfterMs: wait });
  }
  return downloadFault('bad-response', say('download-status', { host, status }), { retryable: false });
}

/** Stores refuse in XML, JSON or text. A page from a proxy in between must not cost a paid image. */
function isPage(response: Response): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\b/i.test(response.headers.get('content-type')?.trim() ?? '');
}

/** The error for a fault of `fetch`, without its text, which may contain the signed address. */
export function errorOfFetch(error: unknown, host: string | Message): ImageError {
  const code = codeOf(error);
  const said = code === undefined ? say('download-broken', { host }) : say('download-broken-code', { host, code });
  return downloadFault('unavailable', said, { retryable: true, cause: error });
}

function codeOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string') return each.code;
  }
  return undefined;
}
