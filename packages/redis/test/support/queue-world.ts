import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GenerationTask, ImageClientOptions } from '@holodeck/core';
import { startHunyuanEmulator, type HunyuanEmulator } from '@holodeck/emulators';
import { createHunyuanBackend, createHunyuanClient } from '@holodeck/hunyuan';
import {
  createImageQueue,
  createImageWorker,
  openRedisPermits,
  openRedisStore,
  type ImageQueue,
  type ImageWorker,
  type ImageWorkerOptions,
} from '@holodeck/redis';
import { PushedClock } from '../../../../test/support/pushed-clock.ts';
import type { RedisServer } from './redis-server.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

let rounds = 0;

/** An account of a limit at the emulator, a queue of its own on a server, and workers: all ended by `close`. */
export class QueueWorld {
  readonly emulator: HunyuanEmulator;
  /** Of the emulator's jobs. */
  readonly clock: PushedClock;
  /** The workers' output folder by default. */
  readonly folder: string;
  readonly limit: number;
  readonly prefix: string;
  readonly #server: RedisServer;
  readonly #cleanUp: (() => Promise<unknown>)[] = [];

  private constructor(
    server: RedisServer,
    emulator: HunyuanEmulator,
    clock: PushedClock,
    folder: string,
    limit: number,
  ) {
    rounds += 1;
    this.prefix = `queue-${rounds}`;
    this.#server = server;
    this.emulator = emulator;
    this.clock = clock;
    this.folder = folder;
    this.limit = limit;
  }

  static async start(server: RedisServer, limit = 3): Promise<QueueWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'holodeck-queue-'));
    const clock = new PushedClock();
    const emulator = await startHunyuanEmulator({ clock, limit, jobMs: 30, submitRate: 'off', queryRate: 'off' });
    return new QueueWorld(server, emulator, clock, folder, limit);
  }

  get connection(): { readonly url: string; readonly prefix: string } {
    return { url: this.#server.url, prefix: this.prefix };
  }

  get credentials(): { readonly endpoint: string; readonly secretId: string; readonly secretKey: string } {
    const { secretId, secretKey } = this.emulator.credentials;
    return { endpoint: this.emulator.url, secretId, secretKey };
  }

  async openQueue(): Promise<ImageQueue> {
    const backend = createHunyuanBackend(this.credentials);
    const [lane] = backend.lanes;
    if (lane === undefined) throw new Error('no lane');
    const queue = await createImageQueue({ ...this.connection, lane, backend });
    this.onClose(() => backend.close());
    this.onClose(() => queue.close());
    return queue;
  }

  /** A worker in this process. */
  async startWorker(
    options: Partial<ImageWorkerOptions> = {},
    clientOptions: ImageClientOptions = {},
  ): Promise<ImageWorker> {
    const { connection, folder: outputDir, limit: maxConcurrent } = this;
    const [store, permits] = [await openRedisStore(connection), await openRedisPermits(connection)];
    const given = { store, permits, outputDir, maxConcurrent, ...clientOptions };
    const client = createHunyuanClient({ ...this.credentials, ...given });
    const worker = await createImageWorker({ ...connection, client, ...options });
    this.onClose(() => store.close());
    this.onClose(() => permits.close());
    this.onClose(() => client.close());
    this.onClose(() => worker.close({ graceMs: 0 }));
    return worker;
  }

  /** A worker in a process of its own, on a host of that name. Another takes over its jobs after a silence of `lockMs`. */
  async startProcess({
    host,
    lockMs,
  }: { readonly host?: string | undefined; readonly lockMs?: number } = {}): Promise<WorkerProcess> {
    const { folder: outputDir, limit: maxConcurrent } = this;
    const settings = {
      ...this.connection,
      ...this.credentials,
      outputDir,
      maxConcurrent,
      ...(lockMs === undefined ? {} : { lockMs }),
    };
    const process = await startWorkerProcess(settings, host);
    this.onClose(() => process.kill());
    return process;
  }

  /** Ends the locks of the running jobs, as a silence of `lockMs` does: from then on others may take them over. */
  async endLocks(): Promise<void> {
    const { inspect } = this.#server;
    const locks = await inspect.keys(`{${this.prefix}}:queue:*:lock`);
    if (locks.length > 0) await inspect.del(locks);
  }

  /** Prompts that were accepted again although the job before had not ended without an image. */
  get paidTwice(): string[] {
    const byPrompt = Map.groupBy(this.emulator.ledger.entries, ({ prompt }) => prompt);
    const ended = new Set(['failed', 'lost']);
    return [...byPrompt].flatMap(([prompt, list]) =>
      list.slice(0, -1).some(({ state }) => !ended.has(state)) ? [prompt] : [],
    );
  }

  onClose(work: () => Promise<unknown>): void {
    this.#cleanUp.push(work);
  }

  async close(): Promise<void> {
    for (const work of this.#cleanUp.splice(0).toReversed()) await work();
    await this.emulator.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Tasks `<name>-0`, `<name>-1`, ... of a small size. */
export function tasks(count: number, more: Partial<GenerationTask> = {}, name = 'task'): GenerationTask[] {
  return Array.from({ length: count }, (_, index) => ({
    prompt: `${name} ${index}`,
    taskId: `${name}-${index}`,
    size: '512x512',
    ...more,
  }));
}
