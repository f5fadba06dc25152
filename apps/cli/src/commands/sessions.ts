import { Option } from 'commander';

import type { SessionRecord, Store } from '@holodeck/core';

import { backendNames } from '../backend-options.ts';
import { CommandError } from '../command-error.ts';
import { runCommandBody, withCommonOptions } from '../command-run.ts';
import type { CommandRun, CommonOptions } from '../command-run.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { RegisterCommand } from './register.ts';

interface SessionsOptions extends CommonOptions {
  readonly out: string;
}

interface DiscardOptions extends SessionsOptions {
  readonly discardAssets?: boolean;
  readonly backend?: string;
}

export const registerSessions: RegisterCommand = (program, finish) => {
  const sessions = program.command('sessions').description('sessions of an output folder: list, show, release, relock');
  const add = (name: string, description: string, isDefault = false) =>
    withCommonOptions(
      sessions
        .command(name, { isDefault })
        .description(description)
        .option('--out <folder>', 'the output folder whose store is meant', 'output'),
    );
  add('list', 'all sessions, with their backend and images (the default)', true).action(
    async (options: SessionsOptions) => finish(await runCommandBody(options, (run) => list(options, run))),
  );
  add('show', 'one session: its lock and its images')
    .argument('<session>')
    .action(async (id: string, options: SessionsOptions) =>
      finish(await runCommandBody(options, (run) => show(id, options, run))),
    );
  add('release', 'give up the lock: the next image chooses a backend')
    .argument('<session>')
    .option('--discard-assets', 'although there are images: they become stale and are paid for again')
    .action(async (id: string, options: DiscardOptions) =>
      finish(await runCommandBody(options, (run) => unlock('release', id, options, run))),
    );
  add('relock', 'give up the lock and name the next backend')
    .argument('<session>')
    .addOption(new Option('--backend <name>', 'default: the first that is available').choices(backendNames))
    .option('--discard-assets', 'although there are images: they become stale and are paid for again')
    .action(async (id: string, options: DiscardOptions) =>
      finish(await runCommandBody(options, (run) => unlock('relock', id, options, run))),
    );
};

async function list(options: SessionsOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore } = await import('../image-clients.ts');
  const store = await openExistingStore(options.out);
  try {
    const records = await store.sessions.list();
    for (const record of records) {
      const images = await countImages(store, record.sessionId);
      run.print(
        { ...lockOf(record), images },
        `${describeLock(record)}, ${images} ${images === 1 ? 'image' : 'images'}`,
      );
    }
    if (records.length === 0) run.view.note('There are no sessions.');
  } finally {
    await store.close();
  }
  return exitCodes.done;
}

async function show(id: string, options: SessionsOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore } = await import('../image-clients.ts');
  const store = await openExistingStore(options.out);
  try {
    const record = await findSession(store, id);
    const assets = await store.sessions.assets(record.sessionId);
    run.print(
      { ...lockOf(record), assets },
      [
        describeLock(record),
        ...(record.reason === undefined ? [] : [`  ${record.reason}`]),
        ...assets.map(({ assetId, state }) => `  ${assetId}: ${state}`),
      ].join('\n'),
    );
  } finally {
    await store.close();
  }
  return exitCodes.done;
}

async function unlock(
  act: 'release' | 'relock',
  id: string,
  options: DiscardOptions,
  run: CommandRun,
): Promise<ExitCode> {
  const { openExistingStore } = await import('../image-clients.ts');
  const { openHybridClient, readConfiguredBackends } = await import('../hybrid-clients.ts');
  const store = await openExistingStore(options.out);
  try {
    const { sessionId } = await findSession(store, id);
    const { client, close } = await openHybridClient(run, await readConfiguredBackends(), { outputDir: options.out });
    try {
      const discard = { discardAssets: options.discardAssets ?? false };
      const session = client.session(sessionId);
      if (act === 'release') await session.release(discard);
      else await session.relock({ ...discard, ...(options.backend === undefined ? {} : { backend: options.backend }) });
      const record = await findSession(store, sessionId);
      run.print(lockOf(record), describeLock(record));
    } finally {
      await close();
    }
  } finally {
    await store.close();
  }
  return exitCodes.done;
}

/** @throws CommandError when the store has no such session. */
async function findSession(store: Store, id: string): Promise<SessionRecord> {
  const record = await store.sessions.get(id.normalize('NFC'));
  if (record === undefined)
    throw new CommandError(`There is no session ${id} here. "sessions list" shows all of them.`);
  return record;
}

async function countImages(store: Store, sessionId: string): Promise<number> {
  const assets = await store.sessions.assets(sessionId);
  return assets.filter(({ state }) => state === 'current' || state === 'stale').length;
}

function lockOf(record: SessionRecord): Readonly<Record<string, unknown>> {
  const { sessionId, state, epoch, backend, model, fingerprint, reason, acquiredAtMs } = record;
  return { sessionId, state, epoch, backend, model, fingerprint, reason, acquiredAtMs };
}

function describeLock(record: SessionRecord): string {
  const backend = record.backend === undefined ? '' : ` on ${record.backend} (${record.model})`;
  return `${record.sessionId}: ${record.state}${backend}, epoch ${record.epoch}`;
}
