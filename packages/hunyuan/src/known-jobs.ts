/** How many ids are remembered: more than an account runs at once, and little memory. */
const maxJobs = 1000;

/** The ids of the last jobs and the submissions that they were named for, to notice an id that is given twice. */
export class KnownJobs {
  readonly #keys = new Map<string, string>();

  /** Whether this job was named for another submission before; if not, it belongs to this one from now on. */
  isAnothers(jobId: string, key: string): boolean {
    const known = this.#keys.get(jobId);
    if (known !== undefined) return known !== key;
    this.#keys.set(jobId, key);
    const [oldest] = this.#keys.keys();
    if (this.#keys.size > maxJobs && oldest !== undefined) this.#keys.delete(oldest);
    return false;
  }
}
