import { isLoopbackHost, proxyFor } from '@holodeck/core';
import type { ProbeReport } from '@holodeck/core';

import { messages } from '../messages/messages.ts';
import { translate } from '../messages/translate.ts';

/** The way from this machine to a backend's host. */
export type Route =
  | { readonly way: 'loopback' | 'direct' }
  | { readonly way: 'proxy'; readonly proxy: string; readonly variable: string }
  /** The variable of the proxy holds no usable address. */
  | { readonly way: 'wrong'; readonly problem: string };

/** How the host of a report is reached; undefined when neither the report nor the environment names it. */
export function routeOf(
  { backend, details = {} }: Pick<ProbeReport, 'backend' | 'details'>,
  environment: Readonly<Record<string, string | undefined>>,
): Route | undefined {
  const { host, server } = details;
  // A report of a look that ran out of time has no details.
  const text = [host, server, configuredHost(backend, environment)].find((one) => typeof one === 'string');
  if (text === undefined) return undefined;
  const address = text.includes('://') ? text : configuredAddress(text, environment);
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isLoopbackHost(name)) return { way: 'loopback' };
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  try {
    const proxy = proxyFor({ host: name, port, secure }, environment);
    if (proxy === undefined) return { way: 'direct' };
    return { way: 'proxy', proxy: `${proxy.host}:${proxy.port}`, variable: secure ? 'HTTPS_PROXY' : 'HTTP_PROXY' };
  } catch (error) {
    return { way: 'wrong', problem: (error as Error).message };
  }
}

/** The address that is set for a backend, or its service's own. */
function configuredHost(
  backend: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { HUNYUAN_API, HUNYUAN_ENDPOINT, OPENAI_BASE_URL, COMFYUI_URL } = environment;
  if (backend === 'openai') return OPENAI_BASE_URL || 'https://api.openai.com';
  if (backend === 'comfyui') return COMFYUI_URL?.split(',')[0] || undefined;
  if (HUNYUAN_ENDPOINT) return HUNYUAN_ENDPOINT;
  return HUNYUAN_API && HUNYUAN_API !== 'image-3.0' ? undefined : 'https://aiart.tencentcloudapi.com';
}

/** A report names the host alone; whether TLS is spoken stands in the address that was set for it. */
function configuredAddress(host: string, environment: Readonly<Record<string, string | undefined>>): string {
  const addresses = ['HUNYUAN_ENDPOINT', 'OPENAI_BASE_URL', 'COMFYUI_URL'].map((name) => environment[name] ?? '');
  const own = addresses.find((address) => URL.canParse(address) && new URL(address).host === host);
  return own ?? `https://${host}`;
}

/** A route for people. */
export function describeRoute(route: Route): string {
  const { doctor } = messages();
  switch (route.way) {
    case 'loopback':
      return doctor.loopback;
    case 'direct':
      return doctor.direct;
    case 'proxy':
      return doctor.viaProxy(route.proxy, route.variable);
    default:
      return doctor.proxyWrong(translate(route.problem));
  }
}
