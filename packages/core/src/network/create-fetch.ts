import type { Socket } from 'node:net';
import type { buildConnector, Dispatcher } from 'undici';
import { plainHost } from './host-kinds.ts';
import type { FetchLike, NetworkOptions } from './network-options.ts';
import { openConnection } from './open-connection.ts';
import type { Endpoint } from './proxy-rule.ts';

/** Options of `createFetch` and `createOneShotFetch`. */
export interface FetchOptions extends NetworkOptions {
  /** From the end of the request to the answer's headers, in milliseconds. Default 0 = no bound. */
  readonly headersTimeoutMs?: number | undefined;
  /** Between two pieces of the answer's body, in milliseconds. Default 0 = no bound. */
  readonly bodyTimeoutMs?: number | undefined;
}

/** A `fetch` with connections of its own. */
export interface NetworkFetch {
  readonly fetch: FetchLike;
  /** Closes its connections; requests under way fail. */
  close(): Promise<void>;
}

/**
 * A `fetch` that keeps the network policy: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` in either case, this machine always
 * directly, certificates of `NODE_EXTRA_CA_CERTS` trusted. It is Node's own `fetch`, so that Node's `FormData` and `Blob`
 * work, but without Node's bounds of 300 s for headers and body: a provider may take longer. undici is loaded here, on first
 * use.
 */
export async function createFetch(options: FetchOptions = {}): Promise<NetworkFetch> {
  if (options.fetch !== undefined) return { fetch: options.fetch, close: () => Promise.resolve() };
  const dispatcher = await createDispatcher(options, (target, callback) => {
    void handOver(openConnection(endpointOf(target), options), callback);
  });
  return {
    fetch: (input, init) => fetchThrough(dispatcher, input, init),
    close: () => dispatcher.destroy(),
  };
}

/** A dispatcher of undici that opens its connections by `connect`; loads undici. */
export async function createDispatcher(
  options: FetchOptions,
  connect: buildConnector.connector,
  extra: { readonly pipelining?: number } = {},
): Promise<Dispatcher> {
  const { Agent } = await import('undici');
  return new Agent({
    connect,
    headersTimeout: options.headersTimeoutMs ?? 0,
    bodyTimeout: options.bodyTimeoutMs ?? 0,
    ...extra,
  });
}

/** Node's `fetch` over this dispatcher. */
export function fetchThrough(dispatcher: Dispatcher, input: string | URL, init?: RequestInit): Promise<Response> {
  return globalThis.fetch(input, Object.assign({}, init, { dispatcher }));
}

/** Answers undici's wish for a connection. */
export async function handOver(connection: Promise<Socket>, callback: buildConnector.Callback): Promise<void> {
  let socket: Socket;
  try {
    socket = await connection;
  } catch (error) {
    callback(error instanceof Error ? error : new Error(String(error)), null);
    return;
  }
  callback(null, socket);
}

/** The target of a connection as undici names it. */
export function endpointOf(target: buildConnector.Options): Endpoint {
  const secure = target.protocol === 'https:';
  const port = target.port === '' ? (secure ? 443 : 80) : Number(target.port);
  return { host: plainHost(target.hostname), port, secure };
}
