import { BlockList, isIP } from 'node:net';
import type { Environment } from '../contract/environment.ts';
import { ConnectionError } from './connection-error.ts';
import { isLoopbackHost, plainHost } from './host-kinds.ts';
import { say } from './network-messages.ts';

/** The target of a connection. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Whether TLS is used. */
  readonly secure: boolean;
}

/** An HTTP proxy and its credentials. */
export interface ProxyServer extends Endpoint {
  /** The value of `Proxy-Authorization`. Never part of a message. */
  readonly authorization?: string;
}

/**
 * The proxy for a connection, as curl chooses it (https://curl.se/docs/manpage.html#ENVIRONMENT); undefined = connect directly.
 * `HTTPS_PROXY` is for TLS, `HTTP_PROXY` for the rest, the lowercase name first. `NO_PROXY` lists direct hosts: a name covers
 * its subdomains, an address may have a prefix length, a port narrows an entry, `*` means every host. This machine is always
 * reached directly.
 * @throws {ConnectionError} code `ERR_PROXY_SETTING` if the variable is not a usable address.
 */
export function proxyFor(endpoint: Endpoint, environment: Environment): ProxyServer | undefined {
  if (isLoopbackHost(endpoint.host)) return undefined;
  const name = endpoint.secure ? 'https_proxy' : 'http_proxy';
  const value = variable(environment, name);
  if (value === '' || isExcluded(endpoint, variable(environment, 'no_proxy'))) return undefined;
  return parseProxy(value, name.toUpperCase());
}

function variable(environment: Environment, name: string): string {
  return (environment[name]?.trim() || environment[name.toUpperCase()]?.trim()) ?? '';
}

function parseProxy(value: string, name: string): ProxyServer {
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The value may contain a password, so it is not part of the message.
  if (url === undefined || url.hostname === '') {
    throw new ConnectionError('ERR_PROXY_SETTING', say('proxy-address', { variable: name }));
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const type = url.protocol.slice(0, -1);
    throw new ConnectionError('ERR_PROXY_SETTING', say('proxy-type', { variable: name, type }));
  }
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const user =
    url.username === '' && url.password === '' ? undefined : `${decode(url.username)}:${decode(url.password)}`;
  return {
    host: plainHost(url.hostname),
    port,
    secure,
    ...(user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isExcluded(endpoint: Endpoint, list: string): boolean {
  return list.split(/[\s,]+/).some((entry) => entry !== '' && matches(entry.toLowerCase(), endpoint));
}

function matches(entry: string, endpoint: Endpoint): boolean {
  if (entry === '*') return true;
  const { pattern, port } = splitPort(entry);
  if (port !== undefined && port !== endpoint.port) return false;
  const host = plainHost(endpoint.host);
  const version = isIP(host);
  if (version !== 0) return matchesAddress(pattern, host, version);
  const suffix = pattern.replace(/^\*?\./, '').replace(/\.$/, '');
  return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`));
}

function splitPort(entry: string): { pattern: string; port: number | undefined } {
  const match = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry);
  return match === null
    ? { pattern: entry.replace(/^\[(.*)\]$/, '$1'), port: undefined }
    : { pattern: (match[1] ?? '').replace(/^\[(.*)\]$/, '$1'), port: Number(match[2]) };
}

function matchesAddress(pattern: string, address: string, version: number): boolean {
  const [network = '', prefix] = pattern.split('/');
  if (isIP(network) !== version) return false;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const bits = version === 6 ? 128 : 32;
  const length = prefix === undefined ? bits : Number(prefix);
  if (!Number.isInteger(length) || length < 0 || length > bits) return false;
  const list = new BlockList();
  list.addSubnet(network, length, family);
  return list.check(address, family);
}
