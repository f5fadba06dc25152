import { ImageError } from '@holodeck/core';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ApiError } from '../shared/demo-api.ts';

/** An answer other than 2xx. The message goes to the page. */
export class HttpError extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;

  constructor(status: ContentfulStatusCode, code: string, message: string) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
  }
}

/** Status and body for whatever was thrown. Unexpected errors keep their words to themselves. */
export function answerOf(error: unknown): { readonly status: ContentfulStatusCode; readonly body: ApiError } {
  if (error instanceof HttpError) {
    return { status: error.status, body: { error: { code: error.code, message: error.message } } };
  }
  if (ImageError.isInstance(error)) {
    const code = error.code ?? error.kind;
    const status = code === 'not-found' ? 404 : error.kind === 'invalid-request' ? 400 : 409;
    return { status, body: { error: { code, message: error.message } } };
  }
  console.error(error);
  const message = 'Something unexpected went wrong in the demo server. Its terminal says more.';
  return { status: 500, body: { error: { code: 'internal', message } } };
}
