import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { resolve } from 'node:path';
import { makeFolder } from '@holodeck/core/backend';
import { createAdaptorServer } from '@hono/node-server';
import { isLoopbackAddress } from './access.ts';
import { createDemoApp } from './demo-app.ts';
import { DemoSessions } from './demo-sessions.ts';
import type { FrontEnd } from './front-end.ts';
import { buildFrontEnd } from './front-end.ts';
import { PolicyClients } from './policy-clients.ts';
import type { DemoServices } from './services.ts';
import { SessionRuns } from './session-runs.ts';

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
  const outputDir = resolve(options.outputDir);
  await makeFolder(outputDir);
  const frontEnd = options.frontEnd ?? (await buildFrontEnd());
  const isLoopback = isLoopbackAddress(host);
  const token = isLoopback ? undefined : randomBytes(24).toString('base64url');
  const clients = new PolicyClients(services, outputDir);
  const runs = new SessionRuns();
  const closing = new AbortController();
  const sessions = new DemoSessions(services, clients, runs, outputDir);
  const parts = { services, clients, sessions, runs, closing: closing.signal };
  const app = createDemoApp({ ...parts, frontEnd, access: { token, isLoopback } });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const listening = await listen(server, port, host);
  await clients.open();
  if (options.makesOpening === true && services.mode === 'emulators') await sessions.makeOpening();
  const resuming = sessions.resume(closing.signal).catch((error: unknown) => {
    if (!closing.signal.aborted) console.error('Earlier sessions could not be finished:', error);
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}/${token === undefined ? '' : `?token=${token}`}`,
    port: listening,
    async close() {
      closing.abort();
      runs.refuse();
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
      // Closing leaves accepted jobs to the next server; stopping them, as a user can, would cancel them if possible.
      await clients.close();
      await runs.close();
      await resuming;
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
