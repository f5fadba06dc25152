import type { Agent } from 'node:http';
import type { Environment } from '../contract/environment.ts';

/** The part of the WHATWG `fetch` that is used. */
export type FetchLike = (input: string | URL, init?: RequestInit) => Promise<Response>;

/** How requests leave this machine. By default, the policy of this package decides. */
export interface NetworkOptions {
  /** Replaces the built-in `fetch`; it handles proxies and timeouts itself. */
  readonly fetch?: FetchLike | undefined;
  /** Replaces this package's agent for `node:http`; it handles proxies itself. */
  readonly agent?: Agent | undefined;
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read at each new connection. Default `process.env`. */
  readonly environment?: Environment | undefined;
  /** Bound for name lookup, proxy, TCP and TLS together, in milliseconds. Default 20 000; 0 = none. */
  readonly connectTimeoutMs?: number | undefined;
}
