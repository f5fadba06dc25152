import { resolve } from 'node:path';
import { makeFolder } from '@holodeck/core/backend';
import { createMemoryPermits, createOwner, openStoreForFolder } from '@holodeck/core/stores';
import type { PermitStore, Store } from '@holodeck/core/stores';
import type { Caller } from '../keys/caller.ts';
import { JobService } from './job-service.ts';
import type { ServiceParts } from './service-clients.ts';

/** What `openJobService` takes. */
export interface JobServiceOptions extends Omit<ServiceParts, 'store' | 'permits' | 'callerOf'> {
  /** Default: the store of the output folder. Not closed with the service. */
  readonly store?: Store;
  /** Default: of this process alone. Not closed with the service. */
  readonly permits?: PermitStore;
  /** The caller with a key. Default: only the caller without one. */
  readonly callerOf?: ServiceParts['callerOf'];
}

/** A caller without a key, on this machine. */
export const localCaller: Caller = { key: '' };

/**
 * Starts image jobs and scene jobs, and finds them again: by id, by idempotency key, in any process over the same store. A job
 * whose process died goes on in the next one that is asked for it, or that looks for such jobs; what it paid for is collected.
 */
export async function openJobService(options: JobServiceOptions): Promise<JobService> {
  const outputDir = resolve(options.outputDir);
  // It makes the folder, and says what is wrong if it cannot.
  const store = options.store ?? (await openStoreForFolder(outputDir));
  await makeFolder(outputDir);
  const permits = options.permits ?? createMemoryPermits();
  const owner = createOwner();
  await store.registerOwner(owner);
  const callerOf = options.callerOf ?? ((key) => (key === '' ? localCaller : undefined));
  return new JobService({ ...options, outputDir, store, permits, callerOf }, owner.id, async () => {
    if (options.permits === undefined) await permits.close();
    if (options.store === undefined) await store.close();
  });
}
