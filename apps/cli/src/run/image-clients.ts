import { existsSync } from 'node:fs';

import {
  createMemoryPermits,
  ImageClient,
  isSilent,
  openExistingStoreForFolder,
  openStoreForFolder,
} from '@holodeck/core';
import type { ImageBackend, ImageClientOptions, ProbeReport, Store } from '@holodeck/core';

import { readBackend, readBackends } from './backend-configuration.ts';
import type { BackendConfiguration } from './backend-configuration.ts';
import { backendNames } from '../options/backend-options.ts';
import type { BackendName } from '../options/backend-options.ts';
import { CommandError } from './command-error.ts';
import type { CommandRun } from './command-run.ts';
import type { CostSettings } from '../options/cost-options.ts';
import { exitCodes } from './exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { translate } from '../messages/translate.ts';
import { openPermits } from './permits.ts';
import { openSharedStore, openStoreAt, sharedStoreUrl } from './shared-store.ts';
import type { SharedStore } from './shared-store.ts';

/** What a client of the command line is made of. */
export interface ImageClientRequest {
  /** `auto` or a backend's name. */
  readonly backend: string;
  readonly outputDir: string;
  readonly resubmitUnknown?: boolean;
  /** Whether a task may name a file outside `outputDir`. Default false: tasks may come from somebody else. */
  readonly allowOutside?: boolean;
  readonly maxConcurrent?: NonNullable<ImageClientOptions['maxConcurrent']>;
  readonly cost?: CostSettings;
  /** Whether the client only plans: neither a folder nor a store is made, and no permit is shared. Default false. */
  readonly planning?: boolean;
  /** Used instead of what `HOLODECK_STORE` names; the caller closes it. */
  readonly shared?: SharedStore;
}

/** A client, and the way to free it with all that was opened for it. */
export interface OpenedClient {
  readonly client: ImageClient;
  close(): Promise<void>;
}

/**
 * The client for one command: the backend that was asked for, or the first that is configured and up, or else the first whose
 * probe had no answer in time, with a note; the store of the
 * output folder, opened here so that a folder that cannot be written is found before anything is sent; permits that are
 * shared by all processes of this machine.
 *
 * @throws CommandError exit 3 when no backend can be used, exit 2 when one is configured wrongly.
 */
export async function openImageClient(run: CommandRun, request: ImageClientRequest): Promise<OpenedClient> {
  if (request.backend !== 'auto') {
    return openClient(run, await requireConfigured(request.backend as BackendName), request);
  }
  const reasons: string[] = [];
  let silent: { readonly configuration: Configured; readonly report: ProbeReport } | undefined;
  for (const configuration of await readBackends(process.env)) {
    if (configuration.status === 'wrong') throw new CommandError(configuration.problem);
    if (configuration.status === 'absent') {
      reasons.push(messages().reports.labelled(configuration.name, configuration.reason));
      continue;
    }
    const opened = await openClient(run, configuration, request);
    const report = await opened.client.probe({ signal: run.signal });
    if (isSilent(report)) silent ??= { configuration, report };
    else if (report.status !== 'down') {
      run.view.note(messages().reports.using(report.backend, report.model));
      return opened;
    }
    reasons.push(describeDown(report));
    await opened.close();
  }
  if (silent !== undefined) {
    const { configuration, report } = silent;
    for (const reason of reasons) run.view.note(reason);
    run.view.note(messages().reports.using(report.backend, report.model));
    return openClient(run, configuration, request);
  }
  const { noneAvailable, doctorShowsMore } = messages().errors;
  throw new CommandError(
    [noneAvailable, ...reasons.map((reason) => `  ${reason}`), doctorShowsMore].join('\n'),
    exitCodes.noBackend,
  );
}

function describeDown(report: ProbeReport): string {
  return messages().reports.labelled(report.backend, translate(`${report.message} ${report.remedy ?? ''}`.trim()));
}

type Configured = Extract<BackendConfiguration, { readonly status: 'configured' }>;

async function requireConfigured(name: BackendName): Promise<Configured> {
  const configuration = await readBackend(name, process.env);
  if (configuration.status === 'wrong') throw new CommandError(configuration.problem);
  if (configuration.status === 'absent') {
    throw new CommandError(messages().errors.notConfigured(name, configuration.reason), exitCodes.noBackend);
  }
  return configuration;
}

async function openClient(
  run: CommandRun,
  configuration: Configured,
  request: ImageClientRequest,
): Promise<OpenedClient> {
  const maxConcurrent = request.maxConcurrent ?? configuration.maxConcurrent;
  const url = sharedStoreUrl();
  const own = request.shared === undefined && url !== undefined ? await openSharedStore(run, url) : undefined;
  const shared = request.shared ?? own;
  const planning = request.planning ?? false;
  const permits = shared?.permits ?? (planning ? createMemoryPermits() : await openPermits(run));
  let client: ImageClient | undefined;
  const close = async (): Promise<void> => {
    await client?.close();
    if (request.shared !== undefined) return;
    await permits.close();
    await own?.store.close();
  };
  try {
    client = new ImageClient(await createBackend(configuration), {
      outputDir: request.outputDir,
      confineToOutputDir: request.allowOutside !== true,
      permits,
      ...(shared === undefined ? {} : { store: shared.store }),
      ...request.cost,
      resubmitUnknown: request.resubmitUnknown ?? false,
      onWarning: (warning) => run.warn(translate(warning.message)),
      ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    });
    if (!planning) await client.openStore();
    return { client, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function createBackend(configuration: Configured): Promise<ImageBackend> {
  try {
    return await configuration.create();
  } catch (error) {
    throw new CommandError(
      messages().errors.configuredWrongly(configuration.name, translate((error as Error).message)),
    );
  }
}

/** The backend of a command that sends nothing itself: the one that was asked for, or the first that is configured. */
export async function findBackend(backend: string): Promise<ImageBackend | undefined> {
  if (backend !== 'auto') {
    const configuration = await readBackend(backend as BackendName, process.env);
    return configuration.status === 'configured' ? createBackend(configuration) : undefined;
  }
  const configurations = await readBackends(process.env);
  const first = configurations.find((configuration) => configuration.status === 'configured');
  return first === undefined ? undefined : createBackend(first);
}

/** Clients of all configured backends, for what lies in the store of a folder. */
export async function openAllImageClients(
  run: CommandRun,
  outputDir: string,
  settings: { readonly cost?: CostSettings; readonly allowOutside?: boolean } = {},
): Promise<readonly OpenedClient[]> {
  const opened: OpenedClient[] = [];
  for (const name of backendNames) {
    const configuration = await readBackend(name, process.env);
    if (configuration.status === 'wrong') run.warn(configuration.problem);
    if (configuration.status !== 'configured') continue;
    opened.push(await openClient(run, configuration, { ...settings, backend: name, outputDir }));
  }
  return opened;
}

/** The store of a folder for a look: undefined where nothing was ever kept, and then nothing is made. @throws CommandError when the folder does not exist. */
export async function openStoreForReading(folder: string): Promise<Store | undefined> {
  const url = sharedStoreUrl();
  if (url !== undefined) return openStoreAt(url);
  if (!existsSync(folder)) throw new CommandError(messages().errors.noFolder(folder));
  return openExistingStoreForFolder(folder);
}

/** The store of a folder that exists, or the shared one. @throws CommandError when the folder does not exist. */
export async function openExistingStore(folder: string): Promise<Store> {
  const url = sharedStoreUrl();
  if (url !== undefined) return openStoreAt(url);
  if (!existsSync(folder)) throw new CommandError(messages().errors.noFolder(folder));
  return openStoreForFolder(folder);
}
