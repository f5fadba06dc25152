import { createAgent, createOneShotAgent } from '@holodeck/core/backend';
import type { NetworkOptions } from '@holodeck/core';
import type { Agent } from 'node:http';
import type { AbstractClient, ClientConfig } from 'tencentcloud-sdk-nodejs-common';
import type { ApiCall } from '../api/hunyuan-api.ts';
import type { ServiceEndpoint } from './hunyuan-endpoint.ts';
import { readRequestId } from './hunyuan-wire.ts';
import type { WireAnswer } from './hunyuan-wire.ts';
import { ResponseObserver } from './response-observer.ts';
import type { ObservedResponse } from './response-observer.ts';
import { TransportError } from './transport.ts';
import type { SendOptions, Transport, TransportAnswer, TransportFault } from './transport.ts';

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
}

/** What is known of a request when it has failed. */
interface Evidence {
  readonly seen: ObservedResponse;
  readonly signal: AbortSignal;
  /** Undefined where the agent keeps connections and so cannot tell. */
  readonly connected: boolean | undefined;
  readonly redirected: boolean;
  /** Whether `requestTimeoutMs` ended it. */
  readonly timedOut: boolean;
}

/**
 * Requests signed with TC3-HMAC-SHA256 through the official SDK's CommonClient, which is loaded on the first request.
 * An agent of our own is always passed: without one the SDK sends everything, loopback too, through a lower-case
 * `http_proxy`, and knows no other proxy variable.
 */
export class Tc3Transport implements Transport {
  readonly #options: Tc3TransportOptions;
  readonly #observer = new ResponseObserver();
  #agent: Agent | undefined;

  constructor(options: Tc3TransportOptions) {
    this.#options = options;
  }

  async send(call: ApiCall, { signal, oneShot, traceId, beforeSend }: SendOptions): Promise<TransportAnswer> {
    if (signal.aborted) throw new TransportError({ type: 'aborted', connected: false });
    const { createClient } = this.#options;
    const makeClient = await createClient().catch((error: unknown) => {
      const message = 'the SDK of Tencent Cloud could not be loaded; install the dependencies anew';
      throw new TransportError({ type: 'not-connected', message }, {}, error);
    });
    beforeSend?.();
    const once = oneShot ? createOneShotAgent(this.#target(), this.#agentOptions()) : undefined;
    const agent = once?.agent ?? (this.#agent ??= createAgent(this.#target(), this.#agentOptions()));
    const { endpoint, version, region, secretId, secretKey, token, requestTimeoutMs } = this.#options;
    const client = makeClient(endpoint.signedHost, version, {
      credential: { secretId, secretKey, ...(token === undefined ? {} : { token }) },
      region,
      // None of the SDK's: its timer for a body that is cut short goes on, and keeps the process until it is over.
      profile: { httpProfile: { protocol: endpoint.protocol, agent, reqTimeout: 0 } },
    });
    const timeout = AbortSignal.timeout(requestTimeoutMs);
    const seen = this.#observer.watch(traceId);
    try {
      const answer: unknown = await client.request(call.action, call.body, {
        signal: AbortSignal.any([signal, seen.cutShort, timeout]),
        headers: { 'X-TC-TraceId': traceId },
      });
      if (isRedirect(seen.status)) throw new TransportError({ type: 'redirect' });
      if (!isAnswer(answer)) {
        throw new TransportError({ type: 'unreadable', message: 'the answer is not a JSON object of the service' });
      }
      return { answer, ...(seen.clockSkewMs === undefined ? {} : { clockSkewMs: seen.clockSkewMs }) };
    } catch (error) {
      if (error instanceof TransportError) throw error;
      const connected = once?.connectionMade();
      throw await explain(error, {
        seen,
        signal,
        connected,
        redirected: once?.redirected() ?? false,
        timedOut: timeout.aborted,
      });
    } finally {
      seen.release();
      once?.destroy();
    }
  }

  async close(): Promise<void> {
    this.#observer.close();
    // An injected agent is the caller's.
    if (this.#options.network.agent === undefined) this.#agent?.destroy();
    this.#agent = undefined;
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

function isAnswer(value: unknown): value is WireAnswer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRedirect(status: number | undefined): boolean {
  return status !== undefined && status >= 300 && status < 400;
}

/** The fields of the SDK's exception, whose class is not exported, and of node-fetch's. */
interface SdkError {
  readonly message?: string;
  readonly code?: unknown;
  readonly httpCode?: unknown;
  readonly requestId?: string;
  /** node-fetch: `invalid-json`, `aborted`, ... */
  readonly type?: unknown;
}

/**
 * The SDK tells faults apart by text only: `code` is set for errors of the API in a 200, `httpCode` for any other
 * status (whose body it never reads), neither for what happens on the network.
 */
async function explain(thrown: unknown, evidence: Evidence): Promise<TransportError> {
  const error = thrown as SdkError;
  const { seen, signal } = evidence;
  const { clockSkewMs, retryAfterMs } = seen;
  const own = typeof error.httpCode === 'number' ? readOwnError(await seen.body()) : undefined;
  const requestId = own?.requestId ?? (error.requestId === '' ? undefined : error.requestId);
  const details = { requestId, clockSkewMs, retryAfterMs };
  const fail = (fault: TransportFault): TransportError => new TransportError(fault, details, thrown);
  if (own !== undefined)
    return fail({ type: 'api', code: own.code, message: own.message, status: error.httpCode as number });
  if (typeof error.code === 'string' && error.requestId !== undefined) {
    return fail({ type: 'api', code: error.code, message: error.message ?? '' });
  }
  if (evidence.redirected || isRedirect(seen.status)) return fail({ type: 'redirect' });
  if (typeof error.httpCode === 'number') return fail({ type: 'http', status: error.httpCode });
  if (signal.aborted) return fail({ type: 'aborted', connected: evidence.connected ?? true });
  if (seen.cutShort.aborted) return fail({ type: 'broken', message: 'the answer was cut short' });
  // node-fetch writes "request to <url> failed, reason: <reason>".
  const message = error.message?.replace(/^request to \S+ failed, reason: /, '') ?? 'no reason was given';
  if (evidence.connected === false) return fail({ type: 'not-connected', message });
  if (evidence.timedOut) return fail({ type: 'timeout' });
  if (error.type === 'invalid-json') return fail({ type: 'unreadable', message: 'the answer is not JSON' });
  if (thrown instanceof TypeError) return fail({ type: 'unreadable', message: 'the answer has no "Response"' });
  return fail({ type: 'broken', message });
}

/** The service's own error in the body of a status that is no success. */
function readOwnError(body: string): { code: string; message: string; requestId: string | undefined } | undefined {
  try {
    const { Response: response } = JSON.parse(body) as { Response?: WireAnswer };
    const { Code: code, Message: message } = (response?.['Error'] ?? {}) as { Code?: unknown; Message?: unknown };
    if (typeof code !== 'string' || code === '') return undefined;
    return { code, message: typeof message === 'string' ? message : '', requestId: readRequestId(response ?? {}) };
  } catch {
    return undefined;
  }
}
