/**
 * Learns how long a provider keeps a job's slot after the job is over. Tencent's slot was seen to stay taken for about 30 s
 * (https://github.com/1024XEngineer/Windup/issues/861). A permit is given on only after the estimate, so that the next
 * submission is not refused each time.
 */
export class SlotTail {
  #estimateMs = 0;
  #acceptedInARow = 0;

  /** How long after a job's end its slot is given on, in milliseconds. */
  get estimateMs(): number {
    return this.#estimateMs;
  }

  /** A submission was refused this long after the last own end: the tail is longer. */
  refused(sinceEndMs: number): void {
    this.#acceptedInARow = 0;
    this.#estimateMs = Math.max(this.#estimateMs, sinceEndMs);
  }

  /**
   * A submission was accepted this long after the last own end. `afterRefusal`: it had been refused since that end, so the
   * tail ended in between; else the tail is at most this long, and now and then a shorter one is tried.
   */
  accepted(sinceEndMs: number, afterRefusal: boolean): void {
    if (afterRefusal) {
      this.#estimateMs = sinceEndMs;
      this.#acceptedInARow = 0;
      return;
    }
    this.#acceptedInARow += 1;
    if (this.#acceptedInARow >= 8) {
      this.#acceptedInARow = 0;
      this.#estimateMs = this.#estimateMs < 10 ? 0 : this.#estimateMs * 0.85;
    }
  }
}
