import { existsSync } from 'node:fs';

import { ImageClient, ImageError } from '@holodeck/core';
import { isSilent } from '@holodeck/core/backend';
import { createMemoryPermits, openExistingStoreForFolder, openStoreForFolder } from '@holodeck/core/stores';
import type { ImageBackend, ImageClientOptions, ProbeReport } from '@holodeck/core';
import type { BackendDefinition } from '@holodeck/core/backend';
import type { Store } from '@holodeck/core/stores';

import { priceListOf, readBackend } from '@holodeck/hybrid/registry';

import { describeReading, openUsableRegistry, readNamedBackend, readSelectedBackends } from './backends.ts';
import type { ConfiguredBackend } from './backends.ts';
import { CommandError } from './command-error.ts';
import type { CommandRun } from './command-run.ts';
import type { CostSettings } from '../options/cost-options.ts';
import { exitCodes } from './exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { render, renderError, renderReport } from '../messages/render.ts';
import { openPermits } from './permits.ts';
import { openSharedStore, openStoreAt, sharedStoreUrl } from './shared-store.ts';
import type { SharedStore } from './shared-store.ts';

/** Options for a client of the command line. */
export interface ImageClientRequest {
  /** `auto` or a backend's name. */
  readonly backend: string;
  readonly outputDir: string;
  readonly resubmitUnknown?: boolean;
  readonly noRepay?: boolean;
  /** Whether a task may name a file outside `outputDir`. Default false: tasks may come from somebody else. */
  readonly allowOutside?: boolean;
  readonly maxConcurrent?: NonNullable<ImageClientOptions['maxConcurrent']>;
  readonly cost?: CostSettings;
  /** Of one task. Default: the client's. */
  readonly timeoutMs?: number;
  /** Whether the client only plans: neither a folder nor a store is made, and no permit is shared. Default false. */
  readonly planning?: boolean;
  /** Used instead of what `HOLODECK_STORE` names; the caller closes it. */
  readonly shared?: SharedStore;
}

/** A client, and how to close it with everything that was opened for it. */
export interface OpenedClient {
  readonly client: ImageClient;
  readonly definition: BackendDefinition;
  close(): Promise<void>;
}

/**
 * The client for one command. Its backend is the named one, else the first that is configured and up, else the first whose probe timed
 * out, with a note. It opens the store of the output folder now, so that an unwritable folder shows before anything is sent, and
 * shares permits with all processes of this machine.
 *
 * @throws CommandError exit 3 when no backend can be used, exit 2 when one is configured wrongly.
 */
export async function openImageClient(run: CommandRun, request: ImageClientRequest): Promise<OpenedClient> {
  if (request.backend !== 'auto') {
    return openClient(run, await requireConfigured(request.backend), request);
  }
  const reasons: string[] = [];
  let silent: { readonly reading: ConfiguredBackend; readonly report: ProbeReport } | undefined;
  for (const reading of await readSelectedBackends()) {
    if (reading.status === 'wrong') throw new CommandError(describeReading(reading));
    if (reading.status === 'absent') {
      reasons.push(messages().reports.labelled(reading.definition.name, describeReading(reading)));
      continue;
    }
    let opened: OpenedClient;
    try {
      opened = await openClient(run, reading, request);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      reasons.push(messages().reports.labelled(reading.definition.name, renderError(error)));
      continue;
    }
    const report = await opened.client.probe({ signal: run.signal });
    if (isSilent(report)) silent ??= { reading, report };
    else if (report.status !== 'down') {
      run.view.note(messages().reports.using(report.backend, report.model));
      return opened;
    }
    reasons.push(describeDown(report));
    await opened.close();
  }
  if (silent !== undefined) {
    const { reading, report } = silent;
    for (const reason of reasons) run.view.note(reason);
    run.view.note(messages().reports.using(report.backend, report.model));
    return openClient(run, reading, request);
  }
  const { noneAvailable, doctorShowsMore } = messages().errors;
  throw new CommandError(
    [noneAvailable, ...reasons.map((reason) => `  ${reason}`), doctorShowsMore].join('\n'),
    exitCodes.noBackend,
  );
}

function describeDown(report: ProbeReport): string {
  return messages().reports.labelled(report.backend, renderReport(report));
}

/** The backend of that name. @throws CommandError exit 3 when it is not configured, exit 2 when it is configured wrongly. */
export async function requireConfigured(name: string): Promise<ConfiguredBackend> {
  const reading = await readNamedBackend(name);
  if (reading.status === 'wrong') throw new CommandError(describeReading(reading));
  if (reading.status === 'absent') {
    throw new CommandError(messages().errors.notConfigured(name, describeReading(reading)), exitCodes.noBackend);
  }
  return reading;
}

async function openClient(
  run: CommandRun,
  configured: ConfiguredBackend,
  request: ImageClientRequest,
): Promise<OpenedClient> {
  const maxConcurrent = request.maxConcurrent ?? configured.setup.maxConcurrent;
  const timeoutMs = request.timeoutMs ?? configured.setup.timeoutMs;
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
    client = new ImageClient(await createBackend(configured), {
      outputDir: request.outputDir,
      confineToOutputDir: request.allowOutside !== true,
      permits,
      ...(shared === undefined ? {} : { store: shared.store }),
      ...request.cost,
      prices: priceListOf([configured.definition], request.cost?.prices),
      resubmitUnknown: request.resubmitUnknown ?? false,
      noRepay: request.noRepay ?? false,
      onWarning: (warning) => run.warn(render(warning)),
      ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    if (!planning) await client.openStore();
    return { client, definition: configured.definition, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function createBackend({ definition, setup }: ConfiguredBackend): Promise<ImageBackend> {
  try {
    return await setup.create();
  } catch (error) {
    if (isUnavailable(error)) throw error;
    throw new CommandError(messages().errors.configuredWrongly(definition.name, renderError(error)));
  }
}

/** Whether a backend's service had to answer before the backend could be created, and did not. */
function isUnavailable(error: unknown): boolean {
  return ImageError.isInstance(error) && error.kind === 'unavailable';
}

/** The backend of a command that only queues tasks: the named one, or the first that is configured. */
export async function findBackend(backend: string): Promise<ImageBackend | undefined> {
  if (backend !== 'auto') {
    const reading = await readNamedBackend(backend);
    return reading.status === 'configured' ? createBackend(reading) : undefined;
  }
  const first = (await readSelectedBackends()).find((reading) => reading.status === 'configured');
  return first === undefined ? undefined : createBackend(first);
}

/** Clients of all configured backends, for the tasks in a folder's store. */
export async function openAllImageClients(
  run: CommandRun,
  outputDir: string,
  settings: { readonly cost?: CostSettings; readonly allowOutside?: boolean } = {},
): Promise<readonly OpenedClient[]> {
  const opened: OpenedClient[] = [];
  for (const definition of (await openUsableRegistry(run)).definitions) {
    const reading = await readBackend(definition, process.env);
    if (reading.status === 'wrong') run.warn(describeReading(reading));
    if (reading.status !== 'configured') continue;
    opened.push(await openClient(run, reading, { ...settings, backend: definition.name, outputDir }));
  }
  return opened;
}

/** The store of a folder for reading; undefined if there is none, and then none is created. @throws CommandError if the folder does not exist. */
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
