import type { Socket } from 'node:net';
import { createDispatcher, endpointOf, fetchThrough, handOver } from './create-fetch.ts';
import type { FetchOptions, NetworkFetch } from './create-fetch.ts';
import { openConnection } from './open-connection.ts';
import type { Endpoint } from './proxy-rule.ts';

/** A `fetch` for exactly one request. */
export interface OneShotFetch extends NetworkFetch {
  /**
   * Whether a connection that can carry the request was ever made: TCP, with `https:` also TLS, behind a proxy also the
   * tunnel. While it is false, the request cannot have arrived. With an injected `fetch` it is true from the call on,
   * because nobody can tell.
   */
  connectionMade(): boolean;
}

/**
 * A `fetch` for one paid POST: on a fresh connection that serves nothing else, so that the reset of an idle connection
 * cannot be mistaken for a lost answer. Redirects are not followed (`redirect` is `"manual"`, or `"error"` where asked), and
 * nothing is ever sent twice: a second call and a second connection are refused. Call `close` when the answer is read.
 */
export async function createOneShotFetch(options: FetchOptions = {}): Promise<OneShotFetch> {
  let called = false;
  const once = (): void => {
    if (called) throw new Error('This fetch is for one request only. Create a new one for the next request.');
    called = true;
  };
  const injected = options.fetch;
  if (injected !== undefined) {
    return {
      async fetch(input, init) {
        once();
        return await injected(input, withoutRedirects(init));
      },
      connectionMade: () => called,
      close: () => Promise.resolve(),
    };
  }
  const closing = new AbortController();
  let connecting = false;
  let made = false;
  let giveUp: AbortSignal = closing.signal;
  const connect = async (endpoint: Endpoint): Promise<Socket> => {
    const socket = await openConnection(endpoint, { ...options, signal: giveUp });
    made = true;
    return socket;
  };
  const dispatcher = await createDispatcher(
    options,
    (target, callback) => {
      if (connecting) {
        callback(new Error('A second connection for a request that may be sent only once was refused.'), null);
        return;
      }
      connecting = true;
      void handOver(connect(endpointOf(target)), callback);
    },
    // undici's way to say `connection: close`.
    { pipelining: 0 },
  );
  return {
    async fetch(input, init) {
      once();
      // A caller's abort also ends the attempt to connect.
      if (init?.signal) giveUp = AbortSignal.any([closing.signal, init.signal]);
      return await fetchThrough(dispatcher, input, withoutRedirects(init));
    },
    connectionMade: () => made,
    async close() {
      closing.abort();
      await dispatcher.destroy();
    },
  };
}

function withoutRedirects(init: RequestInit | undefined): RequestInit {
  return { ...init, redirect: init?.redirect === 'error' ? 'error' : 'manual' };
}
