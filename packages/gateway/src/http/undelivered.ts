import type { JobRecord } from '../jobs/job-record.ts';

interface Waiting {
  readonly id: string;
  readonly startedAtMs: number;
  /** Whether a connection waits for it now. */
  taken: boolean;
}

const lifeMs = 3_600_000;
const maxEntries = 10_000;

/**
 * Jobs whose answer did not reach their client. OpenAI's clients repeat a call on a broken connection by themselves, with a
 * header that counts the tries and without an idempotency key: the repetition must find the job of its first try.
 */
export class Undelivered {
  readonly #waiting = new Map<string, Waiting[]>();
  #size = 0;

  /** The job of an earlier try of the same call, if its answer has not arrived and no connection waits for it. */
  find(name: string): string | undefined {
    const oldest = Date.now() - lifeMs;
    return this.#waiting.get(name)?.find((entry) => !entry.taken && entry.startedAtMs > oldest)?.id;
  }

  /** A connection waits for a job. Call the result when it ends. */
  add(name: string, { id, createdAtMs }: JobRecord): (delivered: boolean) => void {
    const entries = this.#waiting.get(name) ?? [];
    const known = entries.find((entry) => entry.id === id);
    const entry = known ?? { id, startedAtMs: createdAtMs, taken: true };
    entry.taken = true;
    if (known === undefined) {
      entries.push(entry);
      this.#size += 1;
      this.#waiting.set(name, entries);
      if (this.#size > maxEntries) this.#forgetOldest();
    }
    return (delivered) => {
      entry.taken = false;
      if (delivered) this.#remove(name, entry);
    };
  }

  #remove(name: string, entry: Waiting): void {
    const entries = this.#waiting.get(name) ?? [];
    const left = entries.filter((one) => one !== entry);
    this.#size -= entries.length - left.length;
    if (left.length === 0) this.#waiting.delete(name);
    else this.#waiting.set(name, left);
  }

  #forgetOldest(): void {
    const [oldest] = this.#waiting;
    if (oldest !== undefined) this.#remove(oldest[0], oldest[1][0] as Waiting);
  }
}
