import type { Agent, ClientRequest } from 'node:http';
import { createAgent, createPolicyAgent } from './create-agent.ts';
import { fromResponse, sendHttpRequest, toResponse } from './http-request.ts';
import type { HttpAnswer } from './http-request.ts';
import type { FetchLike, NetworkOptions } from './network-options.ts';
import { openConnection } from './open-connection.ts';

/** Options of `createFetch` and `createOneShotFetch`. */
export interface FetchOptions extends NetworkOptions {
  /** From the start of the request to the answer's headers, in milliseconds. Default 0 = no bound. */
  readonly headersTimeoutMs?: number | undefined;
  /** Between two chunks of the answer's body, in milliseconds. Default 0 = no bound. */
  readonly bodyTimeoutMs?: number | undefined;
}

/** A `fetch` with its own connections. */
export interface NetworkFetch {
  readonly fetch: FetchLike;
  /** Like `fetch`, with the body as a Node stream, which is read with less work. */
  readonly send: (input: string | URL, init?: RequestInit) => Promise<HttpAnswer>;
  /** Closes the connections; running requests fail. */
  close(): Promise<void>;
}

/**
 * A `fetch` that follows the network policy: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` in either case, this machine always
 * directly, certificates of `NODE_EXTRA_CA_CERTS` trusted. It has no default timeouts and follows no redirects. An injected
 * `fetch` or `agent` is used as it is.
 */
export async function createFetch(options: FetchOptions = {}): Promise<NetworkFetch> {
  const injected = options.fetch;
  if (injected !== undefined) {
    return {
      fetch: injected,
      send: async (input, init) => fromResponse(await injected(input, init)),
      close: () => Promise.resolve(),
    };
  }
  const closing = new AbortController();
  const agents = new Map<string, Agent>();
  const running = new Set<ClientRequest>();
  const agentFor = (url: URL): Agent => {
    if (options.agent !== undefined) return createAgent(url, options);
    let agent = agents.get(url.protocol);
    if (agent === undefined) {
      const connection = { ...options, signal: closing.signal };
      agent = createPolicyAgent(url, (requested) => openConnection(requested, connection), { keepAlive: true });
      agents.set(url.protocol, agent);
    }
    return agent;
  };
  const send = async (input: string | URL, init: RequestInit = {}): Promise<HttpAnswer> => {
    const url = new URL(input);
    return await sendHttpRequest(url, init, agentFor(url), options, (request) => {
      running.add(request);
      request.once('close', () => running.delete(request));
    });
  };
  return {
    fetch: async (input, init) => toResponse(await send(input, init)),
    send,
    close() {
      closing.abort();
      for (const request of running) request.destroy(new Error('The connection was closed.'));
      for (const agent of agents.values()) agent.destroy();
      return Promise.resolve();
    },
  };
}
