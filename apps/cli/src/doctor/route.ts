import { isLoopbackHost, proxyFor } from '@holodeck/core/backend';
import type { ProbeReport } from '@holodeck/core';
import type { Environment } from '@holodeck/core/backend';
import { messageOf } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';

import { messages } from '../messages/messages.ts';
import { render } from '../messages/render.ts';

/** How this machine reaches a backend's host. */
export type Route =
  | { readonly way: 'loopback' | 'direct' }
  | { readonly way: 'proxy'; readonly proxy: string; readonly variable: string }
  /** The variable of the proxy holds no usable address. */
  | (Omit<Message, 'message'> & { readonly way: 'wrong'; readonly problem: string });

/** How the host of a report is reached; undefined when neither the report nor the configuration names it. */
export function routeOf(
  { details = {} }: Pick<ProbeReport, 'details'>,
  configured: string | undefined,
  environment: Environment,
): Route | undefined {
  const { host, server } = details;
  // The report of a probe that timed out has no details.
  const text = [host, server, configured].find((one) => typeof one === 'string');
  if (text === undefined) return undefined;
  // A report names only the host; whether it uses TLS is in the configured address.
  const isConfigured = configured !== undefined && URL.canParse(configured) && new URL(configured).host === text;
  const address = isConfigured ? configured : text.includes('://') ? text : `https://${text}`;
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
    const { message: problem, ...said } = messageOf(error as Error);
    return { way: 'wrong', problem, ...said };
  }
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
      return doctor.proxyWrong(render({ ...route, message: route.problem }));
  }
}
