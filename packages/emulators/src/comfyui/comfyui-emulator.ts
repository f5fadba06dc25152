/** The emulator of ComfyUI. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { BaseServer } from '../base/base-server.ts';
import { startBaseServer } from '../base/base-server.ts';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import type { FaultInput } from '../base/fault.ts';
import { commonFaultKinds } from '../base/fault.ts';
import { FaultPlan } from '../base/fault-plan.ts';
import { Ledger } from '../base/ledger.ts';
import { createRandom } from '../base/random.ts';
import { comfyuiRules, defaultSettings, Version } from './comfyui-settings.ts';
import { changeSettings } from '../base/settings.ts';
import type { ComfyUISettings } from './comfyui-settings.ts';
import { comfyuiOperations, ComfyUIService } from './comfyui-service.ts';
import { describeGraph } from './prompt-route.ts';
import { EventHub } from './event-hub.ts';
import { FileStore } from './file-store.ts';
import type { FileName } from './file-store.ts';
import { features } from './server-info.ts';
import { isForeignOrigin } from './origin-check.ts';
import { JobQueue } from './job-queue.ts';
import { JobRunner } from './job-runner.ts';
import { nodeDefinitions } from './node-definitions.ts';

/** What `startComfyUIEmulator` takes. */
export interface ComfyUIEmulatorOptions extends Partial<ComfyUISettings> {
  /** Default: any free port. */
  port?: number;
  /** Faults from the start. */
  faults?: readonly FaultInput[];
  /** Seeds durations and faults by rate. Default 1. */
  randomSeed?: number;
  /** Time of jobs and of the history gap. Default: the machine's clock. */
  clock?: Clock;
}

/** A running emulator of ComfyUI. */
export interface ComfyUIEmulator {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** ComfyUI bills nothing: `billed` stays 0. `running` counts queued jobs too. */
  readonly ledger: Ledger;
  /** The settings in force. */
  readonly settings: ComfyUISettings;
  /** WebSockets that are open now. */
  readonly openSockets: number;
  /** Connections of any kind that are open now. */
  openConnections(): Promise<number>;
  /**
   * Replaces all faults. Operations: `submit`, `upload`, `history`, `queue`, `jobs`, `view`, `cancel`, `info`, and `run`
   * (a job begins; `fail-job`, `lose-job` and `restart` strike there).
   */
  setFaults(faults: readonly FaultInput[]): void;
  /** Changes settings. @throws {TypeError} */
  set(settings: Partial<ComfyUISettings>): void;
  /** Forgets queue, history and temporary files and drops every connection, as a restart does; outputs and inputs stay. */
  restart(): void;
  /** Cuts every WebSocket without a closing handshake; jobs go on. */
  cutSockets(): void;
  /** Removes a file as a user of the server's disk might. `false`: there is none. */
  deleteFile(file: FileName): boolean;
  /** Forgets jobs, files, faults and figures; settings stay. */
  reset(): void;
  close(): Promise<void>;
}

/**
 * Starts a ComfyUI on 127.0.0.1: HTTP routes, WebSocket events in the real order, queue, history, jobs, uploads, files,
 * and the nodes of the usual graphs. Pictures depend on prompt and seed; no model is used.
 *
 * ```ts
 * const emulator = await startComfyUIEmulator({ jobMs: 500 });
 * // COMFYUI_URL=emulator.url
 * await emulator.close();
 * ```
 * @throws {TypeError} for a setting or fault that does not exist or has a wrong value.
 */
export async function startComfyUIEmulator(options: ComfyUIEmulatorOptions = {}): Promise<ComfyUIEmulator> {
  const { port = 0, faults = [], randomSeed = 1, clock = systemClock, ...initial } = options;
  let settings = changeSettings(comfyuiRules, defaultSettings, initial);
  const currentSettings = (): ComfyUISettings => settings;
  const ledger = new Ledger();
  const plan = new FaultPlan({ kinds: commonFaultKinds, operations: comfyuiOperations, seed: randomSeed });
  plan.set(faults);
  const queue = new JobQueue();
  const files = new FileStore();
  const hub = new EventHub({
    queueRemaining: () => queue.remaining,
    executingNode: (clientId) => runner.executingNode(clientId),
    features: () => features(new Version(settings.version), settings.maxUploadBytes),
    clientIdBug: () => settings.clientIdBug,
  });
  let server: BaseServer | undefined;
  const runner: JobRunner = new JobRunner({
    queue,
    hub,
    files,
    ledger,
    clock,
    random: createRandom(randomSeed),
    settings: currentSettings,
    definitions: () => nodeDefinitions(settings.models),
    takeFault: (job) => {
      const fault = plan.take('run', `${job.id} ${describeGraph(job.graph).prompt}`);
      if (fault !== undefined) ledger.strike(fault.kind);
      return fault;
    },
    restart: () => restart(),
  });
  const forget = (): void => {
    for (const job of queue.pending.splice(0)) {
      const entry = ledger.entry(job.id);
      if (entry !== undefined) entry.state = 'lost';
    }
    queue.history.clear();
    runner.vanish();
    service.restartNumbers();
    files.clear('temp');
    ledger.observeRunning(0);
  };
  const restart = (except?: Parameters<BaseServer['dropConnections']>[0]): void => {
    forget();
    hub.cut();
    server?.dropConnections(except);
  };
  const service: ComfyUIService = new ComfyUIService({
    queue,
    runner,
    files,
    ledger,
    plan,
    clock,
    settings: currentSettings,
    broadcastStatus: () =>
      hub.send('status', { status: { exec_info: { queue_remaining: queue.remaining } } }, undefined),
    restart: (exchange) => restart(exchange.request.socket),
  });
  const set = (changes: Readonly<Record<string, unknown>>): void => {
    settings = changeSettings(comfyuiRules, settings, changes);
    runner.wake();
  };
  const reset = (): void => {
    forget();
    files.clear('input');
    files.clear('output');
    plan.set([]);
    ledger.reset();
  };
  const control = { ledger, faults: plan, settings: () => ({ ...settings }), set, restart, reset };
  const started = await startBaseServer({ port, clock, handle: (exchange) => service.handle(exchange), control });
  server = started;
  started.server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const address = request.url ?? '/';
    const url = URL.canParse(address, started.url) ? new URL(address, started.url) : undefined;
    const foreign = isForeignOrigin(request.headers, new Version(settings.version));
    if (foreign || (url?.pathname !== '/ws' && url?.pathname !== '/api/ws')) {
      // The connection is no longer the HTTP server's: nobody else hears that it is reset.
      stream.on('error', () => undefined);
      const status = foreign ? '403 Forbidden' : '404 Not Found';
      stream.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`, () => stream.destroy());
      return;
    }
    hub.accept(request, stream, head, url.searchParams.get('clientId'));
  });
  return {
    url: started.url,
    port: started.port,
    ledger,
    get settings() {
      return settings;
    },
    get openSockets() {
      return hub.openSockets;
    },
    openConnections: () =>
      new Promise((resolve, reject) => {
        started.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      }),
    setFaults: (input) => plan.set(input),
    set: (changes) => set({ ...changes }),
    restart: () => restart(),
    cutSockets: () => hub.cut(),
    deleteFile: (file) => files.remove(file),
    reset,
    async close() {
      runner.vanish();
      hub.close();
      await started.close();
    },
  };
}
