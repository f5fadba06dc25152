import { ImageError } from '@holodeck/core';
import { createFetch, createOneShotFetch } from '@holodeck/core/backend';
import type { NetworkOptions } from '@holodeck/core';
import type { NetworkFetch, OneShotFetch } from '@holodeck/core/backend';
import type { ApiCall } from '../api/hunyuan-api.ts';
import { retryAfterMs, clockSkewMs } from './http-headers.ts';
import { readText } from './hunyuan-wire.ts';
import type { WireAnswer } from './hunyuan-wire.ts';
import { TransportError } from './transport.ts';
import type { SendOptions, Transport, TransportAnswer, TransportFault } from './transport.ts';

export interface TokenHubTransportOptions {
  readonly origin: URL;
  readonly apiKey: string;
  readonly requestTimeoutMs: number;
  readonly network: NetworkOptions;
}

// An answer is a few hundred bytes; more than this is no answer.
const maxAnswerCharacters = 4_000_000;

/** Requests with a bearer key. Errors come with their HTTP status and a body `{ error: { type, code, message, ... } }`. */
export class TokenHubTransport implements Transport {
  readonly #options: TokenHubTransportOptions;
  #fetch: Promise<NetworkFetch> | undefined;

  constructor(options: TokenHubTransportOptions) {
    this.#options = options;
  }

  async send(call: ApiCall, { signal, oneShot, beforeSend }: SendOptions): Promise<TransportAnswer> {
    if (signal.aborted) throw new TransportError({ type: 'aborted', connected: false });
    const { origin, apiKey, requestTimeoutMs, network } = this.#options;
    const once = oneShot ? await createOneShotFetch(network) : undefined;
    const { fetch } = once ?? (await (this.#fetch ??= createFetch(network)));
    const timeout = AbortSignal.timeout(requestTimeoutMs);
    let response: Response;
    let text: string;
    let sent = false;
    try {
      beforeSend?.();
      sent = true;
      response = await fetch(new URL(call.action, origin), {
        method: 'POST',
        redirect: 'manual',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(call.body),
        signal: AbortSignal.any([signal, timeout]),
      });
      text = await response.text();
    } catch (error) {
      throw sent ? explain(error, signal, timeout, once) : error;
    } finally {
      await once?.close();
    }
    return readAnswer(response, text);
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
  const message = reasonOf(error);
  if (connected === false) return fail({ type: 'not-connected', message });
  return fail(timeout.aborted ? { type: 'timeout' } : { type: 'broken', message });
}

/** The innermost text: `fetch failed` alone says nothing. */
function reasonOf(error: unknown): string {
  let innermost: unknown = error;
  while (innermost instanceof Error && innermost.cause instanceof Error && !ImageError.isInstance(innermost)) {
    innermost = innermost.cause;
  }
  return innermost instanceof Error ? innermost.message : String(innermost);
}

function readAnswer(response: Response, text: string): TransportAnswer {
  const { status, headers } = response;
  const skew = clockSkewMs(headers.get('date'));
  const body = parse(text);
  const details = { clockSkewMs: skew, retryAfterMs: retryAfterMs(headers.get('retry-after')) };
  const error = body?.['error'];
  if (isRecord(error) && status !== 200) {
    const fault = ownFault(status, error);
    throw new TransportError(fault, { ...details, requestId: readText(error['request_id']) });
  }
  if (status >= 300 && status < 400) throw new TransportError({ type: 'redirect' }, details);
  if (status !== 200) throw new TransportError({ type: 'http', status }, details);
  if (body === undefined)
    throw new TransportError({ type: 'unreadable', message: 'the answer is no JSON object' }, details);
  return { answer: body, ...(skew === undefined ? {} : { clockSkewMs: skew }) };
}

/** Errors of the service behind TokenHub carry its code; others are told apart by their status. */
function ownFault(status: number, error: WireAnswer): TransportFault {
  const upstream = readText(error['upstream_code']);
  const code = readText(error['code']) ?? readText(error['type']) ?? String(status);
  const message = readText(error['message']) ?? '';
  if (upstream !== undefined && upstream.includes('.')) {
    // Behind TokenHub a general code under the status of a broken service is as open as it is in front of it.
    return { type: 'api', code: upstream, message, status: readStatus(error['upstream_status']) ?? status };
  }
  return { type: 'api', code, message, meaning: `TokenHub.${status}` };
}

/** An HTTP status as a number or its digits; undefined for anything else. */
function readStatus(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^[1-5]\d\d$/.test(text) ? Number(text) : undefined;
}

function parse(text: string): WireAnswer | undefined {
  if (text.length > maxAnswerCharacters) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is WireAnswer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
