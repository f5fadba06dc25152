import type { ImageClient, LaneStats, Logger } from '@holodeck/core';
import type { Queue } from 'bullmq';
import { reportWorker } from '../scripts/queue-scripts.ts';
import type { QueueConnection } from './queue-connection.ts';
import { workerReportLifeMs, type WorkerReport } from './queue-status.ts';

/** How often a worker tells how it stands, in milliseconds. */
const reportIntervalMs = 1000;
/** How long a lowered limit holds before one more job is tried, in milliseconds. */
const limitLifeMs = 60_000;
/** A refusal this soon after a job's end is its slot's tail and lowers nothing, in milliseconds. */
const leastTailMs = 500;
/** With `"auto"`, jobs at once before a limit is known. */
export const autoLimit = 64;

interface SharedReport extends WorkerReport {
  /** When a job of this worker last ended, Unix time in milliseconds. */
  readonly endedAtMs: number;
}

/** What the worker knows of itself. */
export interface OwnFigures {
  readonly active: number;
  readonly completed: number;
  readonly failed: number;
}

/**
 * Keeps the queue's global concurrency at what the account allows: all workers tell how many jobs they have at the
 * provider, and one that is refused lowers the limit to that sum. Later it rises again, one by one.
 */
export class SharedLimit {
  readonly #connection: QueueConnection;
  readonly #queue: Queue;
  readonly #client: ImageClient;
  readonly #lane: string;
  readonly #worker: string;
  readonly #most: number;
  readonly #figures: () => OwnFigures;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #refusals = 0;
  #endedAtMs = 0;
  #lowered: { readonly limit: number; readonly untilMs: number } | undefined;
  #reporting: Promise<readonly SharedReport[]> | undefined;

  constructor(options: {
    readonly connection: QueueConnection;
    readonly queue: Queue;
    readonly client: ImageClient;
    readonly lane: string;
    readonly worker: string;
    /** The highest limit. */
    readonly most: number;
    readonly figures: () => OwnFigures;
    readonly logger: Logger;
  }) {
    this.#connection = options.connection;
    this.#queue = options.queue;
    this.#client = options.client;
    this.#lane = options.lane;
    this.#worker = options.worker;
    this.#most = options.most;
    this.#figures = options.figures;
    this.#logger = options.logger;
  }

  /** Sets the limit and begins to report. */
  async start(): Promise<void> {
    await this.#queue.setGlobalConcurrency(this.#most);
    await this.#report();
    this.#timer = setInterval(() => void this.#tick(), reportIntervalMs);
    this.#timer.unref();
  }

  /** A job of this worker is over at the provider. */
  jobEnded(): void {
    this.#endedAtMs = Date.now();
  }

  /** The provider may have refused a submission of this worker. */
  refused(): void {
    void this.#tick();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reporting?.catch(() => undefined);
    if (!this.#connection.redis.isReady) return;
    await this.#connection.run(reportWorker, [this.#queue.name, this.#worker, '', workerReportLifeMs]);
  }

  get stats(): LaneStats | undefined {
    return this.#client.stats().lanes.find(({ lane }) => lane === this.#lane);
  }

  async #tick(): Promise<void> {
    try {
      const refusals = this.stats?.refusals ?? 0;
      const refused = refusals > this.#refusals;
      this.#refusals = refusals;
      const reports = await this.#report();
      if (refused) await this.#lower(reports);
      else await this.#raise();
    } catch (error) {
      this.#logger.debug({ error: String(error) }, 'the limit of the queue could not be looked at');
    }
  }

  async #report(): Promise<readonly SharedReport[]> {
    // One at a time: an older report must not replace a newer one.
    this.#reporting = (this.#reporting ?? Promise.resolve([])).catch(() => []).then(() => this.#send());
    return this.#reporting;
  }

  async #send(): Promise<readonly SharedReport[]> {
    const stats = this.stats;
    const report: SharedReport = {
      worker: this.#worker,
      ...this.#figures(),
      inFlight: stats?.inFlight ?? 0,
      refusals: stats?.refusals ?? 0,
      endedAtMs: this.#endedAtMs,
    };
    const args = [this.#queue.name, this.#worker, JSON.stringify(report), workerReportLifeMs];
    const reports = (await this.#connection.run(reportWorker, args)) as readonly string[];
    return reports.map((text) => JSON.parse(text) as SharedReport);
  }

  async #lower(reports: readonly SharedReport[]): Promise<void> {
    const running = reports.reduce((sum, { inFlight }) => sum + inFlight, 0);
    const tailMs = Math.max(leastTailMs, (this.stats?.slotTailMs ?? 0) * 1.5);
    const lastEndMs = Math.max(0, ...reports.map(({ endedAtMs }) => endedAtMs));
    // Nothing of ours runs: somebody else uses the account, or the service is overloaded.
    if (running === 0 || Date.now() - lastEndMs < tailMs) return;
    const current = (await this.#queue.getGlobalConcurrency()) ?? this.#most;
    if (running >= current) return;
    await this.#queue.setGlobalConcurrency(running);
    this.#lowered = { limit: running, untilMs: performance.now() + limitLifeMs };
    this.#logger.info({ lane: this.#lane, limit: running }, 'the limit of the queue follows a refusal');
  }

  async #raise(): Promise<void> {
    const lowered = this.#lowered;
    if (lowered === undefined || performance.now() < lowered.untilMs) return;
    const limit = lowered.limit + 1;
    if (((await this.#queue.getGlobalConcurrency()) ?? limit) < limit) await this.#queue.setGlobalConcurrency(limit);
    this.#lowered = limit >= this.#most ? undefined : { limit, untilMs: performance.now() + limitLifeMs };
  }
}
