import { ImageError } from '@holodeck/core';
import type { Message } from '@holodeck/core/messages';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ApiError } from '../shared/demo-api.ts';
import { say } from './demo-messages.ts';
import { textsOf } from './texts.ts';

/** An answer other than 2xx. The message goes to the page. */
export class HttpError extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly said: Message;

  constructor(status: ContentfulStatusCode, code: string, said: Message) {
    super(said.message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.said = said;
  }
}

/** Status and body for anything that was thrown. The message of an unexpected error appears only in the terminal. */
export function answerOf(error: unknown): { readonly status: ContentfulStatusCode; readonly body: ApiError } {
  if (error instanceof HttpError) {
    return { status: error.status, body: { error: { code: error.code, message: textsOf(error.said) } } };
  }
  if (ImageError.isInstance(error)) {
    const code = error.code ?? error.kind;
    const status = code === 'not-found' ? 404 : error.kind === 'invalid-request' ? 400 : 409;
    return { status, body: { error: { code, message: textsOf(error) } } };
  }
  console.error(error);
  return { status: 500, body: { error: { code: 'internal', message: textsOf(say('unexpected')) } } };
}
