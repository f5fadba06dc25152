import type { Message } from '@holodeck/core/messages';
import type { PermitStore, Store } from '@holodeck/core/stores';

import type { CommandRun } from './command-run.ts';
import { render } from '../messages/render.ts';

/** A store, and the permits beside it, that several machines share. */
export interface SharedStore {
  readonly store: Store;
  readonly permits: PermitStore;
}

/** The address in `HOLODECK_STORE`; undefined when the store is that of the output folder. */
export function sharedStoreUrl(): string | undefined {
  return process.env['HOLODECK_STORE']?.trim() || undefined;
}

/** Opens store and permits of an address. @throws {ImageError} kind `storage` or `invalid-request`. */
export async function openSharedStore(
  run: CommandRun,
  url: string,
  options: { readonly maxOutageMs?: number } = {},
): Promise<SharedStore> {
  const onWarning = (warning: Message): void => run.warn(render(warning));
  const store = await openStoreAt(url, options, onWarning);
  try {
    const { openRedisPermits } = await import('@holodeck/redis');
    return { store, permits: await openRedisPermits({ ...options, url, onWarning }) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Opens the store of an address alone. */
export async function openStoreAt(
  url: string,
  options: { readonly maxOutageMs?: number } = {},
  onWarning: (warning: Message) => void = () => undefined,
): Promise<Store> {
  const { openRedisStore } = await import('@holodeck/redis');
  return openRedisStore({ ...options, url, onWarning });
}
