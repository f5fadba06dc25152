import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { invalidRequest } from '@holodeck/core/backend';
import { environmentDescriptors } from '@holodeck/hybrid/registry';
import { say } from '../jobs/gateway-messages.ts';
import { isFinal } from '../jobs/job-record.ts';
import { localCaller, openJobService } from '../jobs/open-job-service.ts';
import type { JobServiceOptions } from '../jobs/open-job-service.ts';
import { KeyFile } from '../keys/key-file.ts';
import { isLoopbackAddress } from './access.ts';
import { createGatewayApp } from './gateway-app.ts';
import { GatewayCounters } from './gateway-counters.ts';
import { deliverWebhook } from './webhooks.ts';

/** What `startGateway` takes. */
export interface GatewayOptions extends Pick<
  JobServiceOptions,
  'prices' | 'previewOptions' | 'store' | 'permits' | 'judge'
> {
  /** In order of priority. Default: those that the environment configures. */
  readonly backends?: JobServiceOptions['backends'];
  /** Where images and sessions are kept. Gateways over one store need one folder, such as a network folder. */
  readonly outputDir: string;
  /** Default `"127.0.0.1"`. Any address that other machines can reach needs `keysFile`. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Made by `addKey`. Default: anybody on this machine may call. */
  readonly keysFile?: string;
  /** Origins of web pages that may call, such as `https://studio.example`. Default: none. */
  readonly cors?: readonly string[];
}

/** A running gateway. */
export interface Gateway {
  readonly url: string;
  readonly port: number;
  /** Drains submissions on the wire; open jobs go on after a restart. */
  close(): Promise<void>;
}

/**
 * Starts the gateway: OpenAI's Images protocol, jobs and scenes over HTTP.
 *
 * @throws {ImageError} kind `invalid-request` if other machines can reach the address and there are no keys, or `cors` has what
 * is not an origin.
 * @throws the system's error (EADDRINUSE, EACCES) if the port cannot be used.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { host = '127.0.0.1', port = 0, keysFile, cors = [], ...rest } = options;
  const isLoopback = isLoopbackAddress(host);
  if (!isLoopback && keysFile === undefined) throw invalidRequest(say('keys-needed'));
  const stranger = cors.find((one) => !/^[a-z][a-z0-9+.-]*:\/\/[^/\sA-Z]+$/.test(one));
  if (stranger !== undefined) throw invalidRequest(say('cors-origin', { origin: JSON.stringify(stranger) }));
  const keys = keysFile === undefined ? undefined : await KeyFile.open(keysFile);
  const counters = new GatewayCounters();
  const webhooks = { allowLoopback: isLoopback };
  const closing = new AbortController();
  const callerOf = (key: string): ReturnType<KeyFile['named']> =>
    keys === undefined ? (key === '' ? localCaller : undefined) : keys.named(key);
  const deliveries = new Set<Promise<void>>();
  const deliver = (record: Parameters<typeof deliverWebhook>[3]): void => {
    const caller = callerOf(record.key);
    if (caller === undefined || record.webhook === undefined) return;
    const delivery = deliverWebhook(service, webhooks, caller, record, closing.signal);
    deliveries.add(delivery);
    void delivery.finally(() => deliveries.delete(delivery));
  };
  const service = await openJobService({
    ...rest,
    backends: options.backends ?? (await environmentDescriptors(process.env)),
    callerOf,
  });
  service.onChange((record) => {
    if (!isFinal(record)) return;
    counters.jobEnded(record.status);
    deliver(record);
  });
  const access = { keys, isLoopback, cors };
  const app = createGatewayApp({ service, access, webhooks, counters });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const close = async (): Promise<void> => {
    closing.abort();
    const closed = new Promise<void>((done) => server.close(() => done()));
    server.closeIdleConnections();
    await Promise.allSettled(deliveries);
    await service.close();
    server.closeAllConnections();
    await closed;
  };
  try {
    const listening = await listen(server, port, host);
    for (const record of await service.unnotified()) deliver(record);
    return { url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}`, port: listening, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((done, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('The server has no port.'));
      else done(address.port);
    });
  });
}
