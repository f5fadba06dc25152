import { configurationError } from '../hunyuan-options.ts';
import { say } from './wire-messages.ts';

/** Where requests go and how they are signed. */
export interface ServiceEndpoint {
  /**
   * What the SDK gets as endpoint. Its first label is the service in the credential's scope and its host name is what is
   * signed, so it is always a host name of the vendor's.
   */
  readonly signedHost: string;
  readonly protocol: 'http://' | 'https://';
  /** Set when another host is connected to than the one that is signed for. */
  readonly connectTo?: { readonly host: string; readonly port: number; readonly secure: boolean };
  /** For people: the host that is really reached. */
  readonly label: string;
}

const vendorDomain = '.tencentcloudapi.com';

/**
 * Reads the `endpoint` option. The Node SDK takes the service of the signature's scope from the endpoint's first label
 * (`127` for `127.0.0.1`), which no real verifier accepts. So another host is connected to, but the vendor's own name is
 * signed.
 * @param service - Such as `aiart`.
 * @throws {ImageError} kind `invalid-request` for anything that is not an address of that service.
 */
export function parseEndpoint(endpoint: string | undefined, service: string): ServiceEndpoint {
  const standard = `${service}${vendorDomain}`;
  if (endpoint === undefined) return { signedHost: standard, protocol: 'https://', label: standard };
  const url = parseUrl(endpoint, standard);
  const protocol = url.protocol === 'http:' ? 'http://' : 'https://';
  if (!url.hostname.endsWith(vendorDomain)) {
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const secure = protocol === 'https://';
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
    return { signedHost: standard, protocol, connectTo: { host, port, secure }, label: url.host };
  }
  if (!url.hostname.startsWith(`${service}.`)) {
    throw configurationError(say('endpoint-service', { host: url.hostname, service, standard }));
  }
  return { signedHost: url.host, protocol, label: url.host };
}

/**
 * The origin of a service that is addressed by URL alone.
 * @throws {ImageError} kind `invalid-request` for anything that is not an address.
 */
export function parseOrigin(endpoint: string | undefined, standard: string): URL {
  return endpoint === undefined ? new URL(standard) : parseUrl(endpoint, standard);
}

function parseUrl(endpoint: string, standard: string): URL {
  const remedy = say('endpoint-form', { standard });
  const full = endpoint.includes('://') ? endpoint : `https://${endpoint}`;
  // What cannot be parsed may hold a password, so only what is plainly a host is repeated.
  if (!URL.canParse(full))
    throw configurationError(say('endpoint-wrong', { endpoint: JSON.stringify(full.replace(/.*@/, '')), remedy }));
  const url = new URL(full);
  const { protocol } = url;
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw configurationError(say('endpoint-protocol', { protocol, remedy }));
  }
  if (url.username !== '' || url.password !== '') throw configurationError(say('endpoint-user', { remedy }));
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw configurationError(say('endpoint-path', { remedy }));
  }
  return url;
}
