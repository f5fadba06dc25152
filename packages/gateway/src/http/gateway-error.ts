import { ImageError } from '@holodeck/core';
import type { ImageErrorJson } from '@holodeck/core';
import { joinSentences, renderMessage } from '@holodeck/core/messages';
import type { Language, Message } from '@holodeck/core/messages';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { say } from '../jobs/gateway-messages.ts';

/** An answer other than 2xx that is not the fault of a job. */
export class GatewayError extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly said: Message;
  readonly param: string | undefined;

  constructor(status: ContentfulStatusCode, code: string, said: Message, param?: string) {
    super(said.message);
    this.name = 'GatewayError';
    this.status = status;
    this.code = code;
    this.said = said;
    this.param = param;
  }
}

/** An error in the shape of OpenAI's API, with our kind and outcome. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: string;
    readonly param: string | null;
    /** Why: see `ImageErrorKind`. */
    readonly kind?: string;
    /** Where the money stands: see `ImageErrorOutcome`. */
    readonly outcome?: string;
    /** Id of the job. */
    readonly job?: string;
  };
}

/** An error answer. */
export interface ErrorAnswer {
  readonly status: ContentfulStatusCode;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * OpenAI's clients repeat what failed with 408, 409, 429 and 5xx, unless this header says no.
 * @see https://github.com/openai/openai-node (`shouldRetry`)
 */
const noRetry = { 'x-should-retry': 'false' };

const statuses: Readonly<Record<ImageErrorJson['kind'], ContentfulStatusCode>> = {
  'invalid-request': 400,
  unsupported: 400,
  'content-policy': 400,
  auth: 502,
  quota: 402,
  budget: 402,
  'rate-limit': 429,
  'concurrency-limit': 429,
  unavailable: 503,
  timeout: 504,
  'job-failed': 502,
  'bad-response': 502,
  storage: 503,
  session: 409,
  aborted: 409,
  internal: 500,
};

/** The answer for whatever was thrown, in a language. What an unexpected error says stays on the terminal. */
export function answerOf(error: unknown, language: Language): ErrorAnswer {
  if (error instanceof GatewayError) {
    const { status, code, said, param = null } = error;
    const message = renderMessage(said, { language });
    const type =
      status === 401 ? 'authentication_error' : status === 429 ? 'rate_limit_error' : 'invalid_request_error';
    return { status, body: { error: { message, type, code, param } }, headers: noRetry };
  }
  if (ImageError.isInstance(error)) return answerOfFailure(error.toJSON(), language);
  console.error(error);
  const message = renderMessage(say('unexpected'), { language });
  return {
    status: 500,
    body: { error: { message, type: 'server_error', code: 'internal', param: null } },
    headers: noRetry,
  };
}

/** The answer for a job's failure, in a language. */
export function answerOfFailure(error: ImageErrorJson, language: Language, job?: string): ErrorAnswer {
  const { kind, outcome, code = kind, retryAfterMs } = error;
  const status = code === 'key-reused' ? 422 : code === 'not-found' ? 404 : statuses[kind];
  const type =
    status < 500 && status !== 429 ? 'invalid_request_error' : status === 429 ? 'rate_limit_error' : 'server_error';
  // Only what left nothing at the provider may be repeated by a client that does not read the outcome.
  const isSafe = error.retryable && (outcome === 'not-submitted' || outcome === 'rejected');
  const advice = job !== undefined && outcome === 'unknown' ? say('resubmit', { job }) : undefined;
  const message = renderMessage(joinSentences(error, advice), { language });
  const where = job === undefined ? {} : { job };
  return {
    status,
    body: { error: { message, type, code, param: null, kind, outcome, ...where } },
    headers: {
      ...(isSafe ? {} : noRetry),
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
    },
  };
}
