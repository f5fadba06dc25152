import { ConnectionError, createAgent, createOneShotAgent, isRecord } from '@holodeck/core/backend';
import type { OneShotAgent } from '@holodeck/core/backend';
import type { NetworkOptions } from '@holodeck/core';
import type { Message } from '@holodeck/core/messages';
import type { Agent } from 'node:http';
import type { AbstractClient, ClientConfig } from 'tencentcloud-sdk-nodejs-common';
import type { ApiCall } from '../api/hunyuan-api.ts';
import type { ServiceEndpoint } from './hunyuan-endpoint.ts';
import { readRequestId, readText } from './hunyuan-wire.ts';
import { ResponseWatch } from './response-watch.ts';
import type { WatchedResponse } from './response-watch.ts';
import { TransportError } from './transport.ts';
import type { SendOptions, Transport, TransportAnswer } from './transport.ts';
import { LongAnswerError, parseAnswer, readBody, readTimes } from './wire-answer.ts';
import { say } from './wire-messages.ts';

/** Loads an SDK, and makes clients of it: `(host that is signed, version, configuration)`. */
export type CreateTc3Client = () => Promise<
  (endpoint: string, version: string, configuration: ClientConfig) => Pick<AbstractClient, 'request'>
>;

/** The client for services without a package of their own. */
export const createCommonClient: CreateTc3Client = async () => {
  const { CommonClient } = await import('tencentcloud-sdk-nodejs-common');
  return (endpoint, version, configuration) => new CommonClient(endpoint, version, configuration);
};

/** What signs and addresses the requests. */
export interface Tc3TransportOptions {
  readonly createClient: CreateTc3Client;
  readonly endpoint: ServiceEndpoint;
  readonly version: string;
  readonly region: string;
  readonly secretId: string;
  readonly secretKey: string;
  readonly token: string | undefined;
  readonly requestTimeoutMs: number;
  readonly network: NetworkOptions;
  /** Texts that are blanked in every answer. */
  readonly secrets: readonly string[];
}

/** How long the body of a refusal is awaited, in milliseconds: its status has said most. */
const refusalBodyMs = 2000;

/**
 * Requests that the official SDK signs (TC3-HMAC-SHA256) and sends. It is loaded by the first task or request. It always gets an agent
 * of ours: without one it sends everything, loopback too, through a lower-case `http_proxy`, and knows no other proxy variable.
 */
export class Tc3Transport implements Transport {
  readonly #options: Tc3TransportOptions;
  readonly #watch = new ResponseWatch();
  #agent: Agent | undefined;

  constructor(options: Tc3TransportOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    await this.#options.createClient();
  }

  async send(call: ApiCall, { signal, oneShot, traceId, beforeSend }: SendOptions): Promise<TransportAnswer> {
    if (signal.aborted) throw new TransportError({ type: 'aborted', connected: false });
    const { createClient } = this.#options;
    const makeClient = await createClient().catch((error: unknown) => {
      throw new TransportError({ type: 'not-connected', reason: say('no-sdk') }, {}, error);
    });
    const once = oneShot ? createOneShotAgent(this.#target(), { ...this.#agentOptions(), beforeSend }) : undefined;
    const agent = once?.agent ?? (this.#agent ??= createAgent(this.#target(), this.#agentOptions()));
    const timeout = AbortSignal.timeout(this.#options.requestTimeoutMs);
    const stop = new AbortController();
    const seen = this.#watch.watch(traceId);
    const client = this.#client(makeClient, agent);
    try {
      const answer: unknown = await client.request(call.action, call.body, {
        signal: AbortSignal.any([signal, seen.cutShort, timeout, stop.signal]),
        headers: { 'X-TC-TraceId': traceId },
      });
      if (isRedirect(seen.status)) throw new TransportError({ type: 'redirect' });
      return this.#read(answer as SdkAnswer);
    } catch (error) {
      // What is still arriving is not wanted, and would keep its connection.
      stop.abort();
      if (error instanceof TransportError) throw error;
      throw explain(error, { seen, signal, once, timedOut: timeout.aborted });
    } finally {
      seen.release();
      once?.destroy();
    }
  }

  async close(): Promise<void> {
    this.#watch.close();
    // An injected agent is the caller's.
    if (this.#options.network.agent === undefined) this.#agent?.destroy();
    this.#agent = undefined;
  }

  /**
   * The SDK buffers whole answers, however long, and of a status that is not 200 it reads nothing. So its method that reads
   * answers is replaced by one with a bound.
   */
  #client(makeClient: Awaited<ReturnType<CreateTc3Client>>, agent: Agent): Pick<AbstractClient, 'request'> {
    const { endpoint, version, region, secretId, secretKey, token } = this.#options;
    const client = makeClient(endpoint.signedHost, version, {
      credential: { secretId, secretKey, ...(token === undefined ? {} : { token }) },
      region,
      // The SDK's own timer goes on after a body that is cut short, and keeps the process until it is over.
      profile: { httpProfile: { protocol: endpoint.protocol, agent, reqTimeout: 0 } },
    });
    return Object.assign(client, { parseResponse: receive });
  }

  #read({ status, headers, text }: SdkAnswer): TransportAnswer {
    const times = readTimes(headers);
    const response = parseAnswer(text, this.#options.secrets)?.['Response'];
    const answer = isRecord(response) ? response : undefined;
    const error = isRecord(answer?.['Error']) ? answer['Error'] : {};
    const code = readText(error['Code']);
    if (answer !== undefined && code !== undefined) {
      const message = readText(error['Message']) ?? '';
      throw new TransportError(
        { type: 'api', code, message, ...(status === 200 ? {} : { status }) },
        { ...times, requestId: readRequestId(answer), answer },
      );
    }
    if (status !== 200) throw new TransportError({ type: 'http', status }, times);
    if (answer === undefined) throw new TransportError({ type: 'unreadable', reason: say('not-json') }, times);
    return { answer, ...(times.clockSkewMs === undefined ? {} : { clockSkewMs: times.clockSkewMs }) };
  }

  #target(): URL {
    const { protocol, signedHost } = this.#options.endpoint;
    return new URL(`${protocol}${signedHost}`);
  }

  #agentOptions(): NetworkOptions & { connectTo?: { host: string; port: number; secure: boolean } } {
    const { connectTo } = this.#options.endpoint;
    return { ...this.#options.network, ...(connectTo === undefined ? {} : { connectTo }) };
  }
}

/** An answer as `receive` hands it through the SDK. */
interface SdkAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
}

/** Takes the place of the SDK's `parseResponse`. */
async function receive(response: {
  readonly status: number;
  readonly headers: SdkAnswer['headers'];
  readonly body: AsyncIterable<Uint8Array> & { destroy(): void };
}): Promise<SdkAnswer> {
  const { status, headers, body } = response;
  if (status === 200) return { status, headers, text: await readBody(body) };
  const timer = setTimeout(() => body.destroy(), refusalBodyMs);
  try {
    return { status, headers, text: await readBody(body).catch(() => '') };
  } finally {
    clearTimeout(timer);
  }
}

function isRedirect(status: number | undefined): boolean {
  return status !== undefined && status >= 300 && status < 400;
}

/** What is known of a request that has failed. */
interface Evidence {
  readonly seen: WatchedResponse;
  readonly signal: AbortSignal;
  /** Undefined where the agent keeps connections. */
  readonly once: OneShotAgent | undefined;
  /** Whether `requestTimeoutMs` ended it. */
  readonly timedOut: boolean;
}

/** The SDK passes on nothing but the text of a network error. */
function explain(thrown: unknown, { seen, signal, once, timedOut }: Evidence): TransportError {
  const fail = (fault: TransportError['fault']): TransportError => new TransportError(fault, {}, thrown);
  const connected = once?.connectionMade();
  if (once?.redirected() === true || isRedirect(seen.status)) return fail({ type: 'redirect' });
  if (signal.aborted) return fail({ type: 'aborted', connected: connected ?? true });
  if (thrown instanceof LongAnswerError) return fail({ type: 'unreadable', reason: say('too-long') });
  if (seen.cutShort.aborted) return fail({ type: 'broken', reason: say('cut-short') });
  if (connected === false) {
    const reason = timedOut ? say('late-connection') : reasonOf(thrown, once?.connectionError());
    return fail({ type: 'not-connected', reason });
  }
  return fail(timedOut ? { type: 'timeout' } : { type: 'broken', reason: reasonOf(thrown, undefined) });
}

function reasonOf(thrown: unknown, connectionError: unknown): Message {
  if (connectionError instanceof ConnectionError) return connectionError;
  // node-fetch writes "request to <url> failed, reason: <reason>".
  const text = thrown instanceof Error ? thrown.message.replace(/^request to \S+ failed, reason: /, '') : '';
  return text === '' ? say('no-reason') : { message: text };
}
