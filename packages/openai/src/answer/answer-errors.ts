import { ImageError } from '@holodeck/core';
import type { ImageErrorKind, ImageErrorOutcome } from '@holodeck/core';
import { joinSentences } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { say, sentence } from '../openai-messages.ts';
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

/** Why a 2xx answer brings no image; undefined when it has at least one. */
export function answerError(answer: Answer, context: AnswerContext): ImageError | undefined {
  if (answer.items.some(({ content }) => content.kind !== 'none')) return undefined;
  const reasons = answer.items.map(({ content }) => (content.kind === 'none' ? content.reason : undefined));
  const said = answer.error ?? reasons.find((reason) => reason !== undefined);
  if (said !== undefined) return saidError(said, answer.form === 'events', context);
  return error('bad-response', 'lost', joinSentences(whatCame(answer, context), say('counts-as-paid')), context);
}

/** An answer that broke off. */
export function brokenAnswerError(cause: unknown, context: AnswerContext): ImageError {
  const said = joinSentences(say('answer-broke-off', { host: context.host }), say('counts-as-paid'));
  return error('bad-response', 'lost', said, context, { cause });
}

function whatCame({ form, complete, excerpt: text, items }: Answer, { host, secrets }: AnswerContext): Message {
  const excerpt = JSON.stringify(safeText(text, secrets, 120));
  if (form === 'empty') return say('answer-empty', { host });
  if (form === 'markup') return say('answer-page', { host, excerpt });
  if (form === 'events') return say('answer-stream', { host });
  if (form !== 'json') return say('answer-other', { host, excerpt });
  if (!complete) return say('answer-cut', { host, excerpt });
  return items.length === 0
    ? say('answer-no-items', { host, excerpt })
    : say('answer-empty-items', { host, count: items.length, excerpt });
}

/** A 2xx whose body, event or item says that there is an error. */
function saidError(said: unknown, inStream: boolean, context: AnswerContext): ImageError {
  const wire: WireError = typeof said === 'object' && said !== null ? said : { message: said };
  const kind = kindOfError(wire);
  const words = typeof wire.message === 'string' ? wire.message : JSON.stringify(said);
  const code = typeof wire.code === 'string' ? wire.code : typeof wire.type === 'string' ? wire.type : undefined;
  const [finalKind, outcome] = kindAndOutcome(kind, wire, inStream, context.at);
  const reported = sentence(safeText(words ?? '', context.secrets, 300));
  const message = joinSentences(
    say('answer-error', { host: context.host, error: reported }),
    outcome === 'lost' ? say('counts-as-paid') : undefined,
  );
  return error(finalKind, outcome, message, context, {
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
  // Once it was accepted, a job can only fail.
  return kind === 'quota' || kind === 'invalid-request' || kind === 'unavailable'
    ? [kind, 'failed']
    : ['job-failed', 'failed'];
}

function error(
  kind: ImageErrorKind,
  outcome: ImageErrorOutcome,
  said: Message,
  { requestId }: AnswerContext,
  more: { readonly code?: string; readonly retryable?: boolean; readonly cause?: unknown } = {},
): ImageError {
  return new ImageError({
    kind,
    outcome,
    backend: 'openai',
    ...said,
    ...(requestId === undefined ? {} : { requestId }),
    ...more,
  });
}
