import { isIP } from 'node:net';
import { plainHost } from './host-kinds.ts';
import type { NetworkOptions } from './network-options.ts';
import { proxyFor } from './proxy-rule.ts';

/** The addresses of a host name, as this machine would connect to it. Empty if it need not or cannot be resolved. */
export type LookupAddresses = (url: URL) => Promise<readonly string[]>;

/**
 * Resolves names as the system does. Empty for an address, for a host behind a proxy or an injected `fetch` or `agent` (which
 * resolve names themselves), and for an unknown name: connecting reports that.
 */
export function createLookup(options: NetworkOptions = {}): LookupAddresses {
  return async (url) => {
    const host = plainHost(url.hostname);
    if (isIP(host) !== 0 || options.fetch !== undefined || options.agent !== undefined) return [];
    const secure = url.protocol === 'https:';
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
    try {
      if (proxyFor({ host, port, secure }, options.environment ?? process.env) !== undefined) return [];
      const { lookup } = await import('node:dns/promises');
      return (await lookup(host, { all: true })).map(({ address }) => address);
    } catch {
      return [];
    }
  };
}
