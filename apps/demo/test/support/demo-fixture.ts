import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateSession, FaultPanelState, ServiceSwitches } from '../../src/shared/demo-api.ts';
import type { SessionView } from '../../src/shared/session-view.ts';
import { startEmulatedServices } from '../../src/server/emulated-services.ts';
import type { FrontEnd } from '../../src/server/front-end.ts';
import { buildFrontEnd } from '../../src/server/front-end.ts';
import type { DemoServices, FaultSwitches } from '../../src/server/services.ts';
import { startDemoServer } from '../../src/server/start-demo.ts';
import type { DemoServer } from '../../src/server/start-demo.ts';
import { freePort } from '../../../../test/support/free-port.ts';

let built: Promise<FrontEnd> | undefined;

/** The page, built once per process. */
export function frontEnd(): Promise<FrontEnd> {
  built ??= buildFrontEnd();
  return built;
}

/** A demo on emulators, with its own folder. */
export interface DemoFixture {
  readonly url: string;
  readonly port: number;
  readonly services: DemoServices;
  readonly outputDir: string;
  ledgers(): FaultPanelState;
  fault(backend: string, changes: Partial<ServiceSwitches>): Promise<void>;
  /** Stops the server and starts another with the same port and folder; the services keep running. */
  restart(): Promise<void>;
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  post(path: string, body: unknown): Promise<Response>;
  create(request: Partial<CreateSession>): Promise<string>;
  view(sessionId: string): Promise<SessionView>;
  close(): Promise<void>;
}

/** How a demo starts. */
interface DemoFixtureOptions {
  readonly jobMs?: number;
  readonly host?: string;
  readonly makesOpening?: boolean;
}

/** Starts a demo. Jobs take about `jobMs`. */
export async function startDemo({
  jobMs = 120,
  host,
  makesOpening = false,
}: DemoFixtureOptions = {}): Promise<DemoFixture> {
  const services = await startEmulatedServices({ jobMs });
  const outputDir = await mkdtemp(join(tmpdir(), 'holodeck-demo-'));
  const faults = services.faults as FaultSwitches;
  let server: DemoServer | undefined;
  const port = await freePort();
  const fixture = {
    get url() {
      return server?.url ?? `http://127.0.0.1:${port}/`;
    },
    port,
    services,
    outputDir,
    ledgers: () => faults.state(),
    // As the panel does: the server probes the backends again.
    async fault(backend: string, changes: Partial<ServiceSwitches>) {
      await fixture.post(`/api/faults/${backend}`, changes);
    },
    async startServer() {
      server = await startDemoServer({
        services,
        outputDir,
        port,
        makesOpening,
        frontEnd: await frontEnd(),
        ...(host === undefined ? {} : { host }),
      });
    },
    async stopServer() {
      await server?.close();
      server = undefined;
    },
    async restart() {
      await fixture.stopServer();
      await fixture.startServer();
    },
    post: (path: string, body: unknown) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async create(request: Partial<CreateSession>) {
      const response = await fixture.post('/api/sessions', { text: 'A quiet room', objects: [], ...request });
      return ((await response.json()) as { sessionId: string }).sessionId;
    },
    async view(sessionId: string) {
      const response = await fetch(`http://127.0.0.1:${port}/api/sessions/${encodeURIComponent(sessionId)}`);
      return (await response.json()) as SessionView;
    },
    async close() {
      await fixture.stopServer();
      await services.close();
      await rm(outputDir, { recursive: true, force: true });
    },
  };
  await fixture.startServer();
  return fixture;
}
