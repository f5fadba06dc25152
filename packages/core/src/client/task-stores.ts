import { join, resolve } from 'node:path';
import { systemClock } from '../internal/clock.ts';
import { pruneDone } from '../tasks/prune-done.ts';
import type { Owner } from '../stores/owner.ts';
import type { Store } from '../stores/store.ts';
import { openExistingStoreForFolder, openStoreForFolder } from './open-store-for-folder.ts';
import type { OutputTarget } from '../files/output-target.ts';
import type { ResolvedOptions } from './resolve-options.ts';

const dayMs = 86_400_000;

/** A store, and the folder that its paths are relative to; undefined = they are absolute. */
export interface TaskStoreLocation {
  readonly store: Store;
  readonly folder: string | undefined;
  /** Where backends spool answers; absent if there is no such folder. */
  readonly spoolDirectory?: string;
}

/** The folder for spooled answers beside a store, or beside files. */
export function spoolIn(folder: string): string {
  return join(folder, '.holodeck', 'spool');
}

/** The stores of a client: one for each output folder, one in memory for tasks without a file. Opened on first use. */
export class TaskStores {
  readonly #owner: Owner;
  readonly #options: ResolvedOptions;
  readonly #createMemory: () => Store;
  readonly #open = new Map<string, Promise<TaskStoreLocation>>();
  readonly #peeked = new Map<string, Promise<Store | undefined>>();

  constructor(owner: Owner, options: ResolvedOptions, createMemory: () => Store) {
    this.#owner = owner;
    this.#options = options;
    this.#createMemory = createMemory;
  }

  /** The store of a task: the caller's, that of `outputDir`, or that of the folder of its file. */
  async for(target: OutputTarget | undefined): Promise<TaskStoreLocation> {
    return this.forFolder(this.#options.outputDir ?? target?.directory);
  }

  async forFolder(folder: string | undefined): Promise<TaskStoreLocation> {
    const path = folder === undefined ? undefined : resolve(folder);
    const key = this.#options.store === undefined ? (path ?? '') : 'given';
    let location = this.#open.get(key);
    if (location === undefined) {
      location = this.#openAt(path);
      this.#open.set(key, location);
      // Try again next time.
      location.catch(() => this.#open.delete(key));
    }
    return location;
  }

  /** The existing store of a task, for reading. Creates nothing and registers no owner. */
  async peek(target: OutputTarget | undefined): Promise<TaskStoreLocation | undefined> {
    const folder = this.#options.outputDir ?? target?.directory;
    const path = folder === undefined ? undefined : resolve(folder);
    const { store: given, stateDir } = this.#options;
    if (given !== undefined) return { store: given, folder: this.#base(path) };
    const open = this.#open.get(path ?? '');
    if (open !== undefined || path === undefined) return open;
    const peeking =
      this.#peeked.get(path) ?? openExistingStoreForFolder(path, stateDir === undefined ? {} : { stateDir });
    this.#peeked.set(path, peeking);
    const peeked = await peeking.catch((error: unknown) => {
      this.#peeked.delete(path);
      throw error;
    });
    if (peeked === undefined) {
      // It may be created later.
      this.#peeked.delete(path);
      return undefined;
    }
    return { store: peeked, folder: path };
  }

  async close(): Promise<void> {
    const peeked = await Promise.allSettled(this.#peeked.values());
    this.#peeked.clear();
    for (const store of peeked) if (store.status === 'fulfilled') await store.value?.close();
    const locations = await Promise.allSettled(this.#open.values());
    this.#open.clear();
    for (const location of locations) {
      if (location.status !== 'fulfilled') continue;
      await this.#prune(location.value);
      if (location.value.store !== this.#options.store) await location.value.store.close();
    }
  }

  async #prune({ store, folder }: TaskStoreLocation): Promise<void> {
    const { pruneAfterDays, logger, internal } = this.#options;
    const clock = internal?.clock ?? systemClock;
    if (pruneAfterDays === undefined || !store.durable) return;
    try {
      await pruneDone(store, { folder, beforeMs: clock.now() - pruneAfterDays * dayMs });
    } catch (error) {
      // The images are made, and the next client tries again.
      logger?.warn({ error: String(error) }, 'done tasks were not removed from the store');
    }
  }

  async #openAt(path: string | undefined): Promise<TaskStoreLocation> {
    const { store: given, stateDir, onWarning } = this.#options;
    const options = {
      ...(stateDir === undefined ? {} : { stateDir }),
      ...(onWarning === undefined ? {} : { onWarning }),
    };
    const store = given ?? (path === undefined ? this.#createMemory() : await openStoreForFolder(path, options));
    await store.registerOwner(this.#owner);
    const folder = this.#base(path);
    return { store, folder, ...(folder !== undefined && { spoolDirectory: spoolIn(folder) }) };
  }

  /** A given store without an output folder serves tasks of any folder, so its paths are absolute. */
  #base(path: string | undefined): string | undefined {
    const { store, outputDir } = this.#options;
    return store !== undefined && outputDir === undefined ? undefined : path;
  }
}
