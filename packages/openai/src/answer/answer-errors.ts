import { ImageError } from '@holodeck/core';
import type { ImageErrorKind, ImageErrorOutcome } from '@holodeck/core';
import type { Answer } from './answer-decoder.ts';
import { kindOfError, withheldAfterwards } from '../openai-errors.ts';
import type { WireError } from '../wire/openai-wire.ts';
import { safeText } from '../wire/safe-text.ts';

/** Where the answer was judged: on arrival, or later from what was kept. */
export type JudgedAt = 'submit' | 'collect';

export interface AnswerContext {
  readonly host: string;
  readonly secrets: readonly string[];
  readonly requestId?: string;
  readonly at: JudgedAt;
}

const noImage = 'It counts as paid; a new submission pays again.';

/** Why a 2xx answer brings no image; undefined when it has at least one. */
export function answerError(answer: Answer, context: AnswerContext): ImageError | undefined {
  if (answer.items.some(({ content }) => content.kind !== 'none')) return undefined;
  const reasons = answer.items.map(({ content }) => (content.kind === 'none' ? content.reason : undefined));
  const said = answer.error ?? reasons.find((reason) => reason !== undefined);
  if (said !== undefined) return saidError(said, answer.form === 'events', context);
  return error('bad-response', 'lost', `${context.host} ${whatCame(answer, context)} ${noImage}`, context);
}

/** An answer that broke off. */
export function brokenAnswerError(cause: unknown, context: AnswerContext): ImageError {
  const message = `The answer of ${context.host} broke off before the image was whole. ${noImage}`;
  return error('bad-response', 'lost', message, context, { cause });
}

function whatCame(answer: Answer, { secrets }: AnswerContext): string {
  const quoted = answer.excerpt.trim() === '' ? '' : ` (${JSON.stringify(safeText(answer.excerpt, secrets, 120))})`;
  switch (answer.form) {
    case 'empty':
      return 'answered with success and an empty body.';
    case 'markup':
      return `answered with a web page instead of an image${quoted}. Check OPENAI_BASE_URL, and proxies or login pages on the way.`;
    case 'events':
      return 'ended its event stream without the finished image.';
    case 'json':
      if (!answer.complete) return `sent an answer that broke off before the image was whole${quoted}.`;
      return answer.items.length === 0
        ? `answered with success, but without any image${quoted}.`
        : `answered with success, but none of its ${answer.items.length} items has an image${quoted}.`;
    default:
      return `answered with something that is no image${quoted}.`;
  }
}

/** A 2xx whose body, event or item says that there is an error. */
function saidError(said: unknown, inStream: boolean, context: AnswerContext): ImageError {
  const wire: WireError = typeof said === 'object' && said !== null ? said : { message: said };
  const kind = kindOfError(wire);
  const words = typeof wire.message === 'string' ? wire.message : JSON.stringify(said);
  const code = typeof wire.code === 'string' ? wire.code : typeof wire.type === 'string' ? wire.type : undefined;
  const [finalKind, outcome] = kindAndOutcome(kind, wire, inStream, context.at);
  const money = outcome === 'lost' ? ` ${noImage}` : '';
  const message = `${context.host} answered with success but reports an error: ${safeText(words ?? '', context.secrets, 300)}.${money}`;
  return error(finalKind, outcome, message.replaceAll('..', '.'), context, {
    ...(code === undefined ? {} : { code: safeText(code, context.secrets, 100) }),
    // A stream that reports a failure of its own has ended without an image: that can be tried again.
    retryable:
      (finalKind === 'rate-limit' || finalKind === 'unavailable' || finalKind === 'job-failed') && outcome !== 'lost',
  });
}

function kindAndOutcome(
  kind: ImageErrorKind | undefined,
  wire: WireError,
  inStream: boolean,
  at: JudgedAt,
): readonly [ImageErrorKind, ImageErrorOutcome] {
  if (kind === 'content-policy') return [kind, at === 'submit' && !withheldAfterwards(wire) ? 'rejected' : 'failed'];
  if (kind === undefined) return inStream ? ['job-failed', 'failed'] : ['bad-response', 'lost'];
  if (at === 'submit') return [kind, 'rejected'];
  // Later on nothing can be refused any more, only have failed.
  return kind === 'quota' || kind === 'invalid-request' || kind === 'unavailable'
    ? [kind, 'failed']
    : ['job-failed', 'failed'];
}

function error(
  kind: ImageErrorKind,
  outcome: ImageErrorOutcome,
  message: string,
  { requestId }: AnswerContext,
  more: { readonly code?: string; readonly retryable?: boolean; readonly cause?: unknown } = {},
): ImageError {
  return new ImageError({
    kind,
    outcome,
    backend: 'openai',
    message,
    ...(requestId === undefined ? {} : { requestId }),
    ...more,
  });
}
