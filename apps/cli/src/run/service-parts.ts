import type { GatewayOptions, JobServiceOptions } from '@holodeck/gateway';
import { isLoopbackHost, readVariable } from '@holodeck/core/backend';
import { judgeFromEnvironment } from '@holodeck/hybrid';
import { descriptorOf } from '@holodeck/hybrid/registry';

import type { CommandRun } from './command-run.ts';
import { requireBackends } from './hybrid-clients.ts';
import { openPermits } from './permits.ts';
import { openSharedStore, sharedStoreUrl } from './shared-store.ts';

/** What a service that runs for long is made of, and the way to free it. */
export interface ServiceParts {
  readonly options: Pick<GatewayOptions, 'store' | 'permits' | 'previewOptions'> &
    Pick<JobServiceOptions, 'backends' | 'judge'>;
  /** Backends, and `judge`, whose service is on this machine, such as emulators: nothing there costs money. */
  readonly local: readonly string[];
  close(): Promise<void>;
}

/**
 * The configured backends, or the one that is named, with the store and the permits that all processes share.
 *
 * @throws CommandError as `requireBackends`.
 */
export async function openServiceParts(run: CommandRun, backend: string): Promise<ServiceParts> {
  const judge = judgeFromEnvironment(process.env);
  const backends = await requireBackends(backend);
  const url = sharedStoreUrl();
  const shared =
    url === undefined ? undefined : await openSharedStore(run, url, { maxOutageMs: Number.POSITIVE_INFINITY });
  const permits = shared?.permits ?? (await openPermits(run));
  const previews = backends.flatMap(({ definition: { name, previewOptions } }) =>
    previewOptions === undefined ? [] : [[name, previewOptions] as const],
  );
  const local = backends.filter(({ setup: { address } }) => address !== undefined && isLoopbackAddress(address));
  const judgeUrl = readVariable(process.env, 'HOLODECK_JUDGE_URL');
  const localJudge = judgeUrl !== undefined && isLoopbackAddress(judgeUrl) ? ['judge'] : [];
  return {
    local: [...local.map(({ definition }) => definition.name), ...localJudge],
    options: {
      backends: backends.map(descriptorOf),
      ...(judge && { judge }),
      permits,
      previewOptions: Object.fromEntries(previews),
      ...(shared === undefined ? {} : { store: shared.store }),
    },
    async close() {
      await permits.close();
      await shared?.store.close();
    },
  };
}

/** `address` is a host or a URL. */
function isLoopbackAddress(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return isLoopbackHost(url?.hostname || address.replace(/:\d+$/, ''));
}
