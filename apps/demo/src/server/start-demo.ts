import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { openJobService } from '@holodeck/gateway';
import { createAdaptorServer } from '@hono/node-server';
import { isLoopbackAddress } from './access.ts';
import { createDemoApp } from './demo-app.ts';
import { DemoSessions } from './demo-sessions.ts';
import type { FrontEnd } from './front-end.ts';
import { buildFrontEnd } from './front-end.ts';
import type { DemoServices } from './services.ts';

/** Options of the demo's server. */
export interface DemoServerOptions {
  /** Not closed with the server. */
  readonly services: DemoServices;
  /** Where sessions are kept. */
  readonly outputDir: string;
  /** Default `"127.0.0.1"`. An address that other machines can reach requires a token. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Whether emulated services make a scene to open with in a folder that has none. Default false. */
  readonly makesOpening?: boolean;
  /** Default: built from its sources. */
  readonly frontEnd?: FrontEnd;
}

/** A running server. */
export interface DemoServer {
  /** With the token, if one is needed. */
  readonly url: string;
  readonly port: number;
  /** Ends waits and connections; jobs that were accepted are found again by the next server. */
  close(): Promise<void>;
}

/** Starts the demo's server. @throws the system's error (EADDRINUSE, EACCES) if the port is not available. */
export async function startDemoServer(options: DemoServerOptions): Promise<DemoServer> {
  const { services, host = '127.0.0.1', port = 0 } = options;
  const frontEnd = options.frontEnd ?? (await buildFrontEnd());
  const isLoopback = isLoopbackAddress(host);
  const token = isLoopback ? undefined : randomBytes(24).toString('base64url');
  const { backends, permits, probeTimeoutMs, judge } = services;
  const looks = { ...(probeTimeoutMs === undefined ? {} : { probeTimeoutMs }), ...(judge && { judge }) };
  const jobs = await openJobService({ backends, permits, outputDir: options.outputDir, ...looks });
  const closing = new AbortController();
  const sessions = new DemoSessions(services, jobs);
  const parts = { services, sessions, closing: closing.signal };
  const app = createDemoApp({ ...parts, frontEnd, access: { token, isLoopback } });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const listening = await listen(server, port, host).catch(async (error: unknown) => {
    await jobs.close();
    throw error;
  });
  await sessions.open();
  if (options.makesOpening === true && services.mode === 'emulators') await sessions.makeOpening();
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}/${token === undefined ? '' : `?token=${token}`}`,
    port: listening,
    async close() {
      closing.abort();
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
      await jobs.close();
    },
  };
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
