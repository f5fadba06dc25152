import { requestedCancels } from '../scripts/queue-scripts.ts';
import type { QueueConnection } from './queue-connection.ts';

/** How often running jobs are looked at besides listening, in milliseconds: what is published while nobody is connected is lost. */
const lookIntervalMs = 1000;

/** What a `CancelWatch` works with. */
export interface CancelWatchOptions {
  readonly connection: QueueConnection;
  readonly queue: string;
  /** Jobs that run here. */
  readonly running: () => readonly string[];
  /** Told of a job that is to be stopped, perhaps more than once. */
  readonly onCancel: (jobId: string) => void;
}

/** Learns which of a worker's jobs are to be stopped. */
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

  /** @throws {ImageError} kind `storage` when the server is away. */
  async isRequested(jobId: string): Promise<boolean> {
    return (await this.#requested([jobId])).length > 0;
  }

  async #look(): Promise<void> {
    const running = this.#options.running();
    if (running.length === 0 || !this.#options.connection.redis.isReady) return;
    // Where it fails, the next look comes soon.
    for (const jobId of await this.#requested(running).catch(() => [])) this.#options.onCancel(jobId);
  }

  async #requested(jobIds: readonly string[]): Promise<readonly string[]> {
    const { connection, queue } = this.#options;
    return (await connection.run(requestedCancels, [queue, ...jobIds])) as readonly string[];
  }
}
