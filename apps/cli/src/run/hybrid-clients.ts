import { createHybridClient } from '@holodeck/hybrid';
import type { HybridClient, HybridSettings } from '@holodeck/hybrid';

import { readBackends } from './backend-configuration.ts';
import type { BackendConfiguration } from './backend-configuration.ts';
import { CommandError } from './command-error.ts';
import type { CommandRun } from './command-run.ts';
import { exitCodes } from './exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { openPermits } from './permits.ts';
import { openSharedStore, sharedStoreUrl } from './shared-store.ts';

/** A backend that the environment configures. */
export type ConfiguredBackend = Extract<BackendConfiguration, { readonly status: 'configured' }>;

/**
 * The configured backends, in order of priority.
 *
 * @throws CommandError exit 2 when one is configured wrongly or by half, exit 3 when there is none.
 */
export async function requireBackends(): Promise<readonly ConfiguredBackend[]> {
  const configurations = await readBackends(process.env);
  const wrong = configurations.find((configuration) => configuration.status === 'wrong');
  if (wrong?.status === 'wrong') throw new CommandError(wrong.problem);
  const configured = configurations.filter((configuration) => configuration.status === 'configured');
  if (configured.length > 0) return configured;
  const reasons = configurations.map((one) =>
    one.status === 'absent' ? `\n  ${messages().reports.labelled(one.name, one.reason)}` : '',
  );
  throw new CommandError(`${messages().errors.noneConfigured}${reasons.join('')}`, exitCodes.noBackend);
}

/** The configured backends, whatever else is wrong: for what sends nothing new. */
export async function readConfiguredBackends(): Promise<readonly ConfiguredBackend[]> {
  return (await readBackends(process.env)).filter((configuration) => configuration.status === 'configured');
}

/** A client for sessions, and the way to free it with all that was opened for it. */
export interface OpenedHybridClient {
  readonly client: HybridClient;
  close(): Promise<void>;
}

/** A client for sessions over the given backends; its permits are shared by all processes of this machine, or by all who use the store in `HOLODECK_STORE`. */
export async function openHybridClient(
  run: CommandRun,
  backends: readonly ConfiguredBackend[],
  settings: Omit<HybridSettings, 'permits' | 'store'>,
): Promise<OpenedHybridClient> {
  const url = sharedStoreUrl();
  const shared = url === undefined ? undefined : await openSharedStore(run, url);
  const permits = shared?.permits ?? (await openPermits(run));
  const descriptors = backends.map(({ name, create, maxConcurrent }) => ({
    name,
    load: create,
    ...(maxConcurrent === undefined ? {} : { client: { maxConcurrent } }),
  }));
  const store = shared === undefined ? {} : { store: shared.store };
  const client = createHybridClient({ ...settings, ...store, permits, backends: descriptors });
  return {
    client,
    close: async () => {
      await client.close();
      await permits.close();
      await shared?.store.close();
    },
  };
}
