import type { Agent } from 'node:http';
import type { Environment } from '../contract/environment.ts';

/** The WHATWG `fetch`, as far as it is used. */
export type FetchLike = (input: string | URL, init?: RequestInit) => Promise<Response>;

/** How requests leave this machine. Without any of these, the policy of this package decides. */
export interface NetworkOptions {
  /** Used instead of the built-in `fetch`; proxies and timeouts are then its own business. */
  readonly fetch?: FetchLike | undefined;
  /** Used instead of an agent of this package wherever `node:http` is used; proxies are then its own business. */
  readonly agent?: Agent | undefined;
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read, at each new connection. Default `process.env`. */
  readonly environment?: Environment | undefined;
  /** Bound for name lookup, proxy, TCP and TLS together, in milliseconds. Default 20 000; 0 = none. */
  readonly connectTimeoutMs?: number | undefined;
}
