/**
 * A slow call that makes earlier work durable, shared by all who ask for it. One runs at a time; who asks meanwhile shares the next,
 * which starts after the work of all of them.
 */
export class SharedSync {
  readonly #sync: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** @throws the error of the call. */
  async run(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#start();
      });
    return this.#next;
  }

  /** Whether no call runs or is due. */
  get isIdle(): boolean {
    return this.#running === undefined && this.#next === undefined;
  }

  #start(): Promise<void> {
    const running = this.#sync().finally(() => {
      this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
