import { requestedCancels } from '../scripts/queue-scripts.ts';
import type { QueueConnection } from './queue-connection.ts';

/** How often to poll for cancels of running jobs, in milliseconds: messages that are published while disconnected are lost. */
const lookIntervalMs = 1000;

/** What a `CancelWatch` needs. */
export interface CancelWatchOptions {
  readonly connection: QueueConnection;
  readonly queue: string;
  /** Ids of the jobs that this worker runs. */
  readonly running: () => readonly string[];
  /** Called with each job to cancel, possibly more than once. */
  readonly onCancel: (jobId: string) => void;
}

/** Watches for cancels of a worker's jobs. */
export class CancelWatch {
  readonly #options: CancelWatchOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CancelWatchOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { connection, queue, onCancel } = this.#options;
    await connection.redis.subscribe(`${connection.prefix}:cancel:${queue}`, onCancel);
    this.#timer = setInterval(() => void this.#look(), lookIntervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** @throws {ImageError} kind `storage` when the server is down. */
  async isRequested(jobId: string): Promise<boolean> {
    return (await this.#requested([jobId])).length > 0;
  }

  async #look(): Promise<void> {
    const running = this.#options.running();
    if (running.length === 0 || !this.#options.connection.redis.isReady) return;
    // If it fails, the next poll follows soon.
    for (const jobId of await this.#requested(running).catch(() => [])) this.#options.onCancel(jobId);
  }

  async #requested(jobIds: readonly string[]): Promise<readonly string[]> {
    const { connection, queue } = this.#options;
    return (await connection.run(requestedCancels, [queue, ...jobIds])) as readonly string[];
  }
}
