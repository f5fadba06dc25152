import type { FetchOptions, NetworkFetch } from './create-fetch.ts';
import { fromResponse, sendHttpRequest, toResponse } from './http-request.ts';
import type { HttpAnswer } from './http-request.ts';
import { createOneShotAgent } from './one-shot-agent.ts';
import type { BeforeSend, OneShotAgent } from './one-shot-agent.ts';

/** A `fetch` for exactly one request. */
export interface OneShotFetch extends NetworkFetch {
  /** As `OneShotAgent.connectionMade`. With an injected `fetch` this is unknown, so it is true from the call on. */
  connectionMade(): boolean;
}

/**
 * A `fetch` for one paid POST, on a connection as `createOneShotAgent` makes it. Redirects are not followed (`redirect` is
 * `"manual"`, or `"error"` on request), and nothing is sent twice: a second call and a second connection are refused. Call
 * `close` after reading the answer.
 */
export async function createOneShotFetch(options: FetchOptions & BeforeSend = {}): Promise<OneShotFetch> {
  let called = false;
  const once = (): void => {
    if (called) throw new Error('This fetch is for one request only. Create a new one for the next request.');
    called = true;
  };
  const injected = options.fetch;
  if (injected !== undefined) {
    let made = false;
    const fetch = async (input: string | URL, init?: RequestInit): Promise<Response> => {
      once();
      await options.beforeSend?.();
      made = true;
      return await injected(input, { ...init, redirect: init?.redirect === 'error' ? 'error' : 'manual' });
    };
    return {
      fetch,
      send: async (input, init) => fromResponse(await fetch(input, init)),
      connectionMade: () => made,
      close: () => Promise.resolve(),
    };
  }
  let connection: OneShotAgent | undefined;
  let closed = false;
  const send = async (input: string | URL, init: RequestInit = {}): Promise<HttpAnswer> => {
    once();
    if (closed) throw new Error('This fetch is closed.');
    const agent = createOneShotAgent(new URL(input), options);
    connection = agent;
    return await sendHttpRequest(input, init, agent.agent, options, (request) => {
      // An abort also stops connecting.
      init.signal?.addEventListener('abort', () => agent.destroy(), { once: true });
      request.once('error', () => agent.destroy());
    });
  };
  return {
    fetch: async (input, init) => toResponse(await send(input, init)),
    send,
    connectionMade: () => connection?.connectionMade() ?? false,
    close() {
      closed = true;
      connection?.destroy();
      return Promise.resolve();
    },
  };
}
