import type { Agent, ClientRequest } from 'node:http';
import { createAgent, createPolicyAgent } from './create-agent.ts';
import { sendRequest } from './http-request.ts';
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
  /** Closes the connections; running requests fail. */
  close(): Promise<void>;
}

/**
 * A `fetch` that follows the network policy: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` in either case, this machine always
 * directly, certificates of `NODE_EXTRA_CA_CERTS` trusted. It has no default timeouts and follows no redirects. An injected
 * `fetch` or `agent` is used as it is.
 */
export async function createFetch(options: FetchOptions = {}): Promise<NetworkFetch> {
  if (options.fetch !== undefined) return { fetch: options.fetch, close: () => Promise.resolve() };
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
  return {
    async fetch(input, init = {}) {
      const url = new URL(input);
      return await sendRequest(url, init, agentFor(url), options, (request) => {
        running.add(request);
        request.once('close', () => running.delete(request));
      });
    },
    close() {
      closing.abort();
      for (const request of running) request.destroy(new Error('The connection was closed.'));
      for (const agent of agents.values()) agent.destroy();
      return Promise.resolve();
    },
  };
}
