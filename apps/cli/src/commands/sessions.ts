import { findSentence } from '@holodeck/core/messages';
import type { SessionRecord, Store } from '@holodeck/core/stores';

import { backendOption } from '../options/backend-options.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { findSession } from '../input/find-session.ts';
import { loadMessages } from '../messages/load-messages.ts';
import { messages } from '../messages/messages.ts';
import { render } from '../messages/render.ts';
import type { RegisterCommand } from './register.ts';

interface SessionsOptions extends CommonOptions {
  readonly out: string;
}

interface DiscardOptions extends SessionsOptions {
  readonly discardAssets?: boolean;
  readonly backend?: string;
}

export const registerSessions: RegisterCommand = (program, finish) => {
  const { sessions: text, common } = messages().commands;
  const sessions = program.command('sessions').description(text.about);
  const add = (name: string, description: string, isDefault = false) =>
    withCommonOptions(
      sessions.command(name, { isDefault }).description(description).option('--out <folder>', common.store, 'output'),
    );
  add('list', text.list, true).action(async (options: SessionsOptions) =>
    finish(await runCommandBody(options, (run) => list(options, run))),
  );
  add('show', text.show)
    .argument('<session>', text.session)
    .action(async (id: string, options: SessionsOptions) =>
      finish(await runCommandBody(options, (run) => show(id, options, run))),
    );
  add('release', text.release)
    .argument('<session>', text.session)
    .option('--discard-assets', text.discardAssets)
    .action(async (id: string, options: DiscardOptions) =>
      finish(await runCommandBody(options, (run) => unlock('release', id, options, run))),
    );
  add('relock', text.relock)
    .argument('<session>', text.session)
    .addOption(backendOption(text.backend))
    .option('--discard-assets', text.discardAssets)
    .action(async (id: string, options: DiscardOptions) =>
      finish(await runCommandBody(options, (run) => unlock('relock', id, options, run))),
    );
};

async function list(options: SessionsOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore } = await import('../run/image-clients.ts');
  const store = await openExistingStore(options.out);
  try {
    const { reports } = messages();
    const { isSessionId } = await import('@holodeck/hybrid');
    const records = (await store.sessions.list()).filter(({ sessionId }) => isSessionId(sessionId));
    for (const record of records) {
      const images = await countImages(store, record.sessionId);
      run.print(
        { ...lockOf(record), images },
        [describeLock(record), reports.images(images)].join(reports.listSeparator),
      );
    }
    if (records.length === 0) run.view.note(reports.noSessions);
  } finally {
    await store.close();
  }
  return exitCodes.done;
}

async function show(id: string, options: SessionsOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore } = await import('../run/image-clients.ts');
  const { lockInfoOf } = await import('@holodeck/hybrid');
  const store = await openExistingStore(options.out);
  try {
    const record = await findSession(store, id);
    const { reason, sentences } = lockInfoOf(record);
    await loadMessages();
    const { assetStates, labelled } = messages().reports;
    const assets = await store.sessions.assets(record.sessionId);
    run.print(
      { ...lockOf(record), assets },
      [
        describeLock(record),
        ...(reason === undefined ? [] : [`  ${render(findSentence(reason, sentences))}`]),
        ...assets.map(({ assetId, state }) => `  ${labelled(assetId, assetStates[state])}`),
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
  const { openExistingStore } = await import('../run/image-clients.ts');
  const { openHybridClient, readConfiguredBackends } = await import('../run/hybrid-clients.ts');
  const { readNamedBackend } = await import('../run/backends.ts');
  if (options.backend !== undefined) await readNamedBackend(options.backend);
  const store = await openExistingStore(options.out);
  try {
    const { sessionId } = await findSession(store, id);
    const { client, close } = await openHybridClient(run, await readConfiguredBackends(run), {
      outputDir: options.out,
    });
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

async function countImages(store: Store, sessionId: string): Promise<number> {
  const assets = await store.sessions.assets(sessionId);
  return assets.filter(({ state }) => state === 'current' || state === 'stale').length;
}

function lockOf(record: SessionRecord): Readonly<Record<string, unknown>> {
  const { sessionId, state, epoch, backend, model, fingerprint, reason, acquiredAtMs } = record;
  return { sessionId, state, epoch, backend, model, fingerprint, reason, acquiredAtMs };
}

function describeLock(record: SessionRecord): string {
  const { lock, sessionStates } = messages().reports;
  return lock(record.sessionId, sessionStates[record.state], record.backend, record.model ?? '', record.epoch);
}
