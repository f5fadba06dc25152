/** Whether a browser's request from another site is refused, as the server does unless CORS is switched on. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Version } from './comfyui-settings.ts';

/** `true`: answer 403. */
export function isForeignOrigin(headers: IncomingHttpHeaders, version: Version): boolean {
  if (headers['sec-fetch-site'] === 'cross-site' && version.atLeast(0, 19)) return true;
  const { host, origin } = headers;
  if (host === undefined || origin === undefined || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  const hostName = host.replace(/:\d+$/, '').toLowerCase();
  const isLoopback = hostName === 'localhost' || hostName === '[::1]' || hostName.startsWith('127.');
  if (!isLoopback) return false;
  const hostPort = /:(\d+)$/.exec(host)?.[1];
  if (hostName !== from.hostname) return true;
  return hostPort !== undefined && from.port !== '' && hostPort !== from.port;
}
