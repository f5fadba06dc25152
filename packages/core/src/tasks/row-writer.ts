import { ImageError } from '../contract/index.ts';
import { say } from './task-messages.ts';
import type { TaskRow, TaskRowPatch, TaskStore, WriteOptions } from '../stores/task-store.ts';

/**
 * The only writer of an owned row: keeps its revision and the order of writes. Before a submission a failed write stops the task.
 * After acceptance the task continues in memory, because what is paid must be delivered.
 */
export class RowWriter {
  readonly #store: TaskStore;
  readonly #onFault: (error: ImageError) => void;
  #row: TaskRow;
  #chain: Promise<unknown> = Promise.resolve();
  #noted: TaskRowPatch | undefined;
  /** Writes that failed. */
  #missed: { readonly patch: TaskRowPatch; readonly options: WriteOptions | undefined } | undefined;
  #takenOver = false;

  constructor(store: TaskStore, row: TaskRow, onFault: (error: ImageError) => void) {
    this.#store = store;
    this.#row = row;
    this.#onFault = onFault;
  }

  get row(): TaskRow {
    return this.#row;
  }

  /** Whether another process has taken the row over. */
  get isTakenOver(): boolean {
    return this.#takenOver;
  }

  /** Whether the store is behind `row` because a write failed. */
  get isBehind(): boolean {
    return this.#missed !== undefined;
  }

  /** Changes `row` now and the store with the next write, for what a later process can find out again. */
  note(patch: TaskRowPatch): void {
    this.#noted = { ...this.#noted, ...patch };
    this.#row = { ...this.#row, ...withoutNulls(patch) };
  }

  /**
   * Writes; rejects if the store fails or another process has taken the row over.
   * @throws {ImageError} kind `storage`.
   */
  async write(patch: TaskRowPatch, options?: WriteOptions): Promise<void> {
    const work = this.#chain.then(() => this.#write(patch, options));
    this.#chain = work.catch(() => undefined);
    await work;
  }

  /**
   * Writes if possible. A fault of the store is reported once, and the task continues in memory. Later writes do not try, because
   * each would wait for the store; only the one that gives the row up writes all that was missed, so that an accepted row does
   * not stay `submitting`.
   */
  async writeBestEffort(patch: TaskRowPatch, options?: WriteOptions): Promise<void> {
    const work = this.#chain.then(async () => {
      if (this.#missed === undefined) await this.#writeOrMiss(patch, options);
      else if (this.#takenOver || patch.owner !== null) this.#miss(patch, options);
      else await this.#catchUp(patch, options);
    });
    this.#chain = work;
    await work;
  }

  async #writeOrMiss(patch: TaskRowPatch, options: WriteOptions | undefined): Promise<void> {
    try {
      await this.#write(patch, options);
    } catch (error) {
      this.#miss(patch, options);
      // A takeover is not a fault of the store.
      if (!this.#takenOver) this.#onFault(error as ImageError);
    }
  }

  #miss(patch: TaskRowPatch, options: WriteOptions | undefined): void {
    const durable = options?.durable ?? this.#missed?.options?.durable;
    this.#missed = {
      patch: { ...this.#missed?.patch, ...this.#noted, ...patch },
      options: durable === undefined ? undefined : { durable },
    };
    this.#noted = undefined;
    this.#row = { ...this.#row, ...withoutNulls(patch) };
  }

  async #catchUp(patch: TaskRowPatch, options: WriteOptions | undefined): Promise<void> {
    try {
      if (await this.#update(patch, options)) return;
    } catch {
      // Already reported.
    }
    this.#miss(patch, options);
  }

  async #write(patch: TaskRowPatch, options: WriteOptions | undefined): Promise<void> {
    if (await this.#update(patch, options)) return;
    this.#takenOver = true;
    throw new ImageError({
      kind: 'storage',
      outcome: 'unknown',
      ...say('task-taken-over', { taskId: this.#row.taskId }),
    });
  }

  /** Writes, with what was noted and missed before; false if another process owns the row. */
  async #update(patch: TaskRowPatch, options: WriteOptions | undefined): Promise<boolean> {
    const [noted, missed] = [this.#noted, this.#missed];
    const { owner, revision } = this.#row;
    // A failed write may have reached the store: then the row is newer and still ours.
    const stored = missed === undefined ? undefined : await this.#store.get(this.#row);
    if (missed !== undefined && stored?.owner !== owner) return false;
    const durable = options?.durable ?? missed?.options?.durable;
    const written = { ...missed?.patch, ...noted, ...patch };
    const version = await this.#store.update(
      this.#row,
      stored?.revision ?? revision,
      written,
      durable === undefined ? undefined : { durable },
    );
    if (version === undefined) return false;
    this.#missed = undefined;
    if (this.#noted === noted) this.#noted = undefined;
    // What was noted meanwhile is not in the store yet.
    this.#row = { ...patched({ ...this.#row, ...version }, written), ...withoutNulls(this.#noted ?? {}) };
    return true;
  }
}

/** A row after a write: `null` removes an optional field. */
function patched(row: TaskRow, patch: TaskRowPatch): TaskRow {
  const owner = patch.owner === undefined ? row.owner : patch.owner;
  return { ...(withoutNulls({ ...row, ...patch }) as unknown as TaskRow), owner };
}

function withoutNulls(patch: TaskRowPatch): Partial<TaskRow> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null && value !== undefined));
}
