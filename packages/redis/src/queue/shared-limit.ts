import type { ImageClient, LaneStats, Logger } from '@holodeck/core';
import type { Queue } from 'bullmq';
import { reportWorker } from '../scripts/queue-scripts.ts';
import type { QueueConnection } from './queue-connection.ts';
import { limitOfReports, readReports, workerReportLifeMs, type WorkerReport } from './queue-status.ts';

/** How often a worker reports, in milliseconds. */
const reportIntervalMs = 1000;

/** A worker's own counts. */
export interface OwnFigures {
  readonly active: number;
  readonly completed: number;
  readonly failed: number;
}

/** What a `SharedLimit` needs. */
export interface SharedLimitOptions {
  readonly connection: QueueConnection;
  readonly queue: Queue;
  readonly client: ImageClient;
  readonly lane: string;
  readonly worker: string;
  /** The most jobs at once, including those ahead. */
  readonly most: number;
  /** Jobs to take from the queue beyond the limit. */
  readonly ahead: number;
  readonly figures: () => OwnFigures;
  /** Called with how many jobs all workers together may take at once. */
  readonly onWidth: (width: number) => void;
  readonly logger: Logger;
}

/**
 * Keeps the queue's global concurrency at the account's limit. Clients learn the limit together, through their permits, but
 * an idle client only knows an old value. So every worker reports what its client knows, and the highest counts: one job too
 * many waits for its permit at no cost, one too few leaves a place empty. Reports of dead workers expire.
 */
export class SharedLimit {
  readonly #options: SharedLimitOptions;
  #timer: NodeJS.Timeout | undefined;
  #reported: number | undefined;
  #reporting: Promise<readonly WorkerReport[]> | undefined;

  constructor(options: SharedLimitOptions) {
    this.#options = options;
  }

  /** Sets the limit and starts reporting. */
  async start(): Promise<void> {
    await this.#follow();
    this.#timer = setInterval(() => void this.look(), reportIntervalMs);
    this.#timer.unref();
  }

  /** Call it after an event from which the client may have learned. */
  learned(): void {
    if (this.#limit !== this.#reported) void this.look();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reporting?.catch(() => undefined);
    const { connection, queue, worker } = this.#options;
    if (!connection.redis.isReady) return;
    await connection.run(reportWorker, [queue.name, worker, '', workerReportLifeMs]);
  }

  /** Reports, and follows the reports of the others. */
  async look(): Promise<void> {
    try {
      await this.#follow();
    } catch (error) {
      this.#options.logger.debug({ error: String(error) }, 'the limit of the queue could not be read');
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
    // One at a time, so that an older report never replaces a newer one.
    this.#reporting = (this.#reporting ?? Promise.resolve([])).catch(() => []).then(() => this.#send());
    return this.#reporting;
  }

  async #send(): Promise<readonly WorkerReport[]> {
    const { connection, queue, worker, figures } = this.#options;
    this.#reported = this.#limit;
    const report: WorkerReport = {
      worker,
      ...figures(),
      inFlight: this.#stats?.inFlight ?? 0,
      refusals: this.#stats?.refusals ?? 0,
      limit: this.#reported,
    };
    const args = [queue.name, worker, JSON.stringify(report), workerReportLifeMs];
    return readReports(await connection.run(reportWorker, args));
  }
}
