import type { ImageClient, LaneStats, Logger } from '@holodeck/core';
import type { Queue } from 'bullmq';
import { reportWorker } from '../scripts/queue-scripts.ts';
import type { QueueConnection } from './queue-connection.ts';
import { limitOfReports, readReports, workerReportLifeMs, type WorkerReport } from './queue-status.ts';

/** How often a worker tells how it stands, in milliseconds. */
const reportIntervalMs = 1000;

/** What the worker knows of itself. */
export interface OwnFigures {
  readonly active: number;
  readonly completed: number;
  readonly failed: number;
}

/** What a `SharedLimit` works with. */
export interface SharedLimitOptions {
  readonly connection: QueueConnection;
  readonly queue: Queue;
  readonly client: ImageClient;
  readonly lane: string;
  readonly worker: string;
  /** Never more jobs at once than this, those ahead included. */
  readonly most: number;
  /** Jobs that are taken from the queue beyond the limit. */
  readonly ahead: number;
  readonly figures: () => OwnFigures;
  /** Told how many jobs may be taken at once over all workers. */
  readonly onWidth: (width: number) => void;
  readonly logger: Logger;
}

/**
 * Keeps the queue's global concurrency at what the account allows. Workers' clients learn the limit together, through their
 * permits; a client that has had nothing to do for a while knows what it was then. So all workers tell what theirs knows, and
 * the highest counts: a job too many waits for its permit and costs nothing, a job too few leaves a place empty. Nothing but
 * the reports is kept, and those of a dead worker vanish.
 */
export class SharedLimit {
  readonly #options: SharedLimitOptions;
  #timer: NodeJS.Timeout | undefined;
  #told: number | undefined;
  #reporting: Promise<readonly WorkerReport[]> | undefined;

  constructor(options: SharedLimitOptions) {
    this.#options = options;
  }

  /** Sets the limit and begins to report. */
  async start(): Promise<void> {
    await this.#follow();
    this.#timer = setInterval(() => void this.look(), reportIntervalMs);
    this.#timer.unref();
  }

  /** Something happened from which the client may have learned. */
  learned(): void {
    if (this.#limit !== this.#told) void this.look();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reporting?.catch(() => undefined);
    const { connection, queue, worker } = this.#options;
    if (!connection.redis.isReady) return;
    await connection.run(reportWorker, [queue.name, worker, '', workerReportLifeMs]);
  }

  /** Reports, and follows what the others report. */
  async look(): Promise<void> {
    try {
      await this.#follow();
    } catch (error) {
      this.#options.logger.debug({ error: String(error) }, 'the limit of the queue could not be looked at');
    }
  }

  get #stats(): LaneStats | undefined {
    return this.#options.client.stats().lanes.find(({ lane }) => lane === this.#options.lane);
  }

  get #limit(): number {
    return Math.min(this.#options.most, this.#stats?.limit ?? this.#options.most);
  }

  async #follow(): Promise<void> {
    const { queue, most, ahead, onWidth, logger, lane } = this.#options;
    const limit = limitOfReports(await this.#report()) ?? this.#limit;
    const width = Math.min(most, limit + ahead);
    onWidth(width);
    if ((await queue.getGlobalConcurrency()) === width) return;
    await queue.setGlobalConcurrency(width);
    logger.info({ lane, limit }, 'the queue follows the limit');
  }

  async #report(): Promise<readonly WorkerReport[]> {
    // One at a time: an older report must not replace a newer one.
    this.#reporting = (this.#reporting ?? Promise.resolve([])).catch(() => []).then(() => this.#send());
    return this.#reporting;
  }

  async #send(): Promise<readonly WorkerReport[]> {
    const { connection, queue, worker, figures } = this.#options;
    this.#told = this.#limit;
    const report: WorkerReport = {
      worker,
      ...figures(),
      inFlight: this.#stats?.inFlight ?? 0,
      refusals: this.#stats?.refusals ?? 0,
      limit: this.#told,
    };
    const args = [queue.name, worker, JSON.stringify(report), workerReportLifeMs];
    return readReports(await connection.run(reportWorker, args));
  }
}
