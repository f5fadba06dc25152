import { cardsWithRemover, createHybridClient } from '@holodeck/hybrid';
import type { HybridClient, HybridSettings } from '@holodeck/hybrid';
import { descriptorOf, readBackend } from '@holodeck/hybrid/registry';

import { describeReading, openUsableRegistry, readSelectedBackends } from './backends.ts';
import type { ConfiguredBackend } from './backends.ts';
import { CommandError } from './command-error.ts';
import type { CommandRun } from './command-run.ts';
import { exitCodes } from './exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { requireConfigured } from './image-clients.ts';
import { openPermits } from './permits.ts';
import { openSharedStore, sharedStoreUrl } from './shared-store.ts';

/**
 * The configured backends, in order of priority; or the one that is named.
 *
 * @throws CommandError exit 2 if one is configured wrongly or incompletely, exit 3 if there is none.
 */
export async function requireBackends(name: string): Promise<readonly ConfiguredBackend[]> {
  if (name !== 'auto') return [await requireConfigured(name)];
  const readings = await readSelectedBackends();
  const wrong = readings.find((reading) => reading.status === 'wrong');
  if (wrong !== undefined) throw new CommandError(describeReading(wrong));
  const configured = readings.filter((reading) => reading.status === 'configured');
  if (configured.length > 0) return configured;
  const reasons = readings.map((reading) =>
    reading.status === 'absent'
      ? `\n  ${messages().reports.labelled(reading.definition.name, describeReading(reading))}`
      : '',
  );
  throw new CommandError(`${messages().errors.noneConfigured}${reasons.join('')}`, exitCodes.noBackend);
}

/** The configured backends, ignoring other problems: for commands that send nothing new. */
export async function readConfiguredBackends(run: CommandRun): Promise<readonly ConfiguredBackend[]> {
  const { selected } = await openUsableRegistry(run);
  const readings = await Promise.all(selected.map((definition) => readBackend(definition, process.env)));
  return readings.filter((reading) => reading.status === 'configured');
}

/** A client for sessions, and how to close it with everything that was opened for it. */
export interface OpenedHybridClient {
  readonly client: HybridClient;
  close(): Promise<void>;
}

/** A client for sessions over the given backends; its permits are shared by all processes of this machine, or by all users of the store in `HOLODECK_STORE`. */
export async function openHybridClient(
  run: CommandRun,
  backends: readonly ConfiguredBackend[],
  settings: Omit<HybridSettings, 'permits' | 'store'>,
): Promise<OpenedHybridClient> {
  const url = sharedStoreUrl();
  const shared = url === undefined ? undefined : await openSharedStore(run, url);
  const permits = shared?.permits ?? (await openPermits(run));
  const store = shared === undefined ? {} : { store: shared.store };
  const cards = cardsWithRemover();
  const client = createHybridClient({ cards, ...settings, ...store, permits, backends: backends.map(descriptorOf) });
  return {
    client,
    close: async () => {
      await client.close();
      await permits.close();
      await shared?.store.close();
    },
  };
}
