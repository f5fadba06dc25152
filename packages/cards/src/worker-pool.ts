import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import type { CardSettings } from './make-card.ts';
import type { PreparedCard } from './prepare-card.ts';

/** What a worker is asked. */
export interface CardJob {
  readonly bytes: Uint8Array;
  readonly options: CardSettings;
}

/** What a worker answers: one message for each job. */
export type CardAnswer =
  | { readonly found: Omit<PreparedCard, 'bytes'>; readonly card?: Uint8Array }
  | { readonly fault: string };

/** A job that waits for a worker, or for its answer. */
interface Pending extends CardJob {
  readonly resolve: (card: PreparedCard) => void;
  readonly reject: (error: Error) => void;
}

/** One core is left to the caller, and a card keeps several busy anyway: sharp works in threads of its own. */
const mostWorkers = 4;

/**
 * A few threads that start with the first jobs and end with `close()`. Each works on one job at a time, so that a thread
 * that ends fails only its own; the next job gets a new one.
 */
export class WorkerPool {
  readonly #file: URL;
  readonly #size: number;
  readonly #waiting: Pending[] = [];
  /** Each worker with its job; undefined = it is idle. */
  readonly #workers = new Map<Worker, Pending | undefined>();
  #isClosed = false;

  constructor(file: URL, size: number = Math.max(1, Math.min(mostWorkers, availableParallelism() - 1))) {
    this.#file = file;
    this.#size = size;
  }

  /** Rejects when the thread ends before it answers, or the pool is closed. */
  run(job: CardJob): Promise<PreparedCard> {
    if (this.#isClosed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...job, resolve, reject });
      this.#assign();
    });
  }

  /** Ends all threads. Jobs that have no answer yet reject. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    const workers = [...this.#workers];
    this.#workers.clear();
    for (const [, job] of workers) job?.reject(closed());
    await Promise.all(workers.map(([worker]) => worker.terminate()));
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const worker = [...this.#workers].find(([, job]) => job === undefined)?.[0] ?? this.#start();
      if (worker === undefined) return;
      const job = this.#waiting.shift()!;
      this.#workers.set(worker, job);
      // While it works the process stays up; an idle one keeps nobody from ending.
      worker.ref();
      worker.postMessage({ bytes: job.bytes, options: job.options } satisfies CardJob, []);
    }
  }

  #start(): Worker | undefined {
    if (this.#workers.size >= this.#size) return undefined;
    // From sources a worker needs the condition that points to the sources of other packages.
    const execArgv = this.#file.pathname.endsWith('.ts') ? ['--conditions=@holodeck/source'] : [];
    const worker = new Worker(this.#file, { execArgv, stdin: false });
    this.#workers.set(worker, undefined);
    worker.on('message', (answer: CardAnswer) => {
      const job = this.#workers.get(worker);
      if (job === undefined) return;
      this.#workers.set(worker, undefined);
      worker.unref();
      settle(job, answer);
      this.#assign();
    });
    const ended = (reason: string): void => {
      const job = this.#workers.get(worker);
      this.#workers.delete(worker);
      job?.reject(new Error(`The thread that worked on the card ended: ${reason}.`));
      if (!this.#isClosed) this.#assign();
    };
    worker.once('error', (error: unknown) => ended(error instanceof Error ? error.message : String(error)));
    worker.once('exit', (code) => ended(`exit code ${code}`));
    return worker;
  }
}

function settle({ bytes, resolve, reject }: Pending, answer: CardAnswer): void {
  if ('fault' in answer) reject(new Error(answer.fault));
  else resolve({ ...answer.found, bytes: answer.card ?? bytes });
}

function closed(): Error {
  return new Error('The threads for cards are closed.');
}
