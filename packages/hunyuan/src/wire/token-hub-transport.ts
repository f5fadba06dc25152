import { ImageError } from '@holodeck/core';
import { ConnectionError, createFetch, createOneShotFetch, isRecord } from '@holodeck/core/backend';
import type { NetworkOptions } from '@holodeck/core';
import type { NetworkFetch, OneShotFetch } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import type { ApiCall } from '../api/hunyuan-api.ts';
import { readText } from './hunyuan-wire.ts';
import type { WireAnswer } from './hunyuan-wire.ts';
import { TransportError } from './transport.ts';
import { ownFault } from './hub-fault.ts';
import type { SendOptions, Transport, TransportAnswer, TransportFault } from './transport.ts';
import { maxWandBytes, readWandAnswer, wandRoutes } from './wand-answer.ts';
import { LongAnswerError, maxAnswerBytes, parseAnswer, readBody, readTimes } from './wire-answer.ts';
import { say } from './wire-messages.ts';

export interface TokenHubTransportOptions {
  readonly origin: URL;
  readonly apiKey: string;
  readonly requestTimeoutMs: number;
  readonly network: NetworkOptions;
  /** Texts that are blanked in every answer. */
  readonly secrets: readonly string[];
}

/** Requests with a bearer key. Errors come with their HTTP status and a body `{ error: { type, code, message, ... } }`. */
export class TokenHubTransport implements Transport {
  readonly #options: TokenHubTransportOptions;
  #fetch: Promise<NetworkFetch> | undefined;

  constructor(options: TokenHubTransportOptions) {
    this.#options = options;
  }

  async send(call: ApiCall, { signal, oneShot, beforeSend }: SendOptions): Promise<TransportAnswer> {
    if (signal.aborted) throw new TransportError({ type: 'aborted', connected: false });
    const { origin, apiKey, requestTimeoutMs, network, secrets } = this.#options;
    const once = oneShot ? await createOneShotFetch({ ...network, beforeSend }) : undefined;
    const { fetch } = once ?? (await (this.#fetch ??= createFetch(network)));
    const timeout = AbortSignal.timeout(call.timeoutMs ?? requestTimeoutMs);
    const isWand = call.action.startsWith(wandRoutes);
    let response: Response;
    let text: string;
    try {
      response = await fetch(new URL(call.action, origin), {
        method: 'POST',
        redirect: 'manual',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(call.body),
        signal: AbortSignal.any([signal, timeout]),
      });
      text = await readBody(response.body, isWand ? maxWandBytes : maxAnswerBytes);
    } catch (error) {
      throw explain(error, signal, timeout, once);
    } finally {
      await once?.close();
    }
    return isWand ? readWandAnswer(response, text, secrets) : readAnswer(response, parseAnswer(text, secrets));
  }

  async close(): Promise<void> {
    const fetch = this.#fetch;
    this.#fetch = undefined;
    await (await fetch)?.close();
  }
}

function explain(
  error: unknown,
  signal: AbortSignal,
  timeout: AbortSignal,
  once: OneShotFetch | undefined,
): TransportError {
  const connected = once?.connectionMade();
  const fail = (fault: TransportFault): TransportError => new TransportError(fault, {}, error);
  if (signal.aborted) return fail({ type: 'aborted', connected: connected ?? true });
  if (error instanceof LongAnswerError) return fail({ type: 'unreadable', reason: say('too-long') });
  if (connected === false) {
    return fail({ type: 'not-connected', reason: timeout.aborted ? say('late-connection') : reasonOf(error) });
  }
  return fail(timeout.aborted ? { type: 'timeout' } : { type: 'broken', reason: reasonOf(error) });
}

/** The innermost text: `fetch failed` alone says nothing. */
function reasonOf(error: unknown): Message {
  let innermost: unknown = error;
  while (innermost instanceof Error && innermost.cause instanceof Error && !ImageError.isInstance(innermost)) {
    if (innermost instanceof ConnectionError) return innermost;
    innermost = innermost.cause;
  }
  if (innermost instanceof ConnectionError || ImageError.isInstance(innermost)) return innermost;
  return innermost instanceof Error && innermost.message !== '' ? { message: innermost.message } : say('no-reason');
}

/** The answer of a route whose errors never come with the status 200. */
export function readAnswer(response: Response, body: WireAnswer | undefined): TransportAnswer {
  const { status, headers } = response;
  const times = readTimes(headers);
  const error = body?.['error'];
  if (isRecord(error) && status !== 200) {
    const fault = ownFault(status, error);
    throw new TransportError(fault, { ...times, requestId: readText(error['request_id']) });
  }
  if (status >= 300 && status < 400) throw new TransportError({ type: 'redirect' }, times);
  if (status !== 200) throw new TransportError({ type: 'http', status }, times);
  if (body === undefined) throw new TransportError({ type: 'unreadable', reason: say('not-json') }, times);
  return { answer: body, ...(times.clockSkewMs === undefined ? {} : { clockSkewMs: times.clockSkewMs }) };
}
