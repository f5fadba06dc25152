import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { messages } from '../messages/messages.ts';
import type { RegisterCommand } from './register.ts';

export const registerCache: RegisterCommand = (program, finish) => {
  const { cache: text } = messages().commands;
  const cache = program.command('cache').description(text.about);
  const add = (name: string, description: string, body: (run: CommandRun) => Promise<ExitCode>, isDefault = false) =>
    withCommonOptions(cache.command(name, { isDefault }).description(description)).action(
      async (options: CommonOptions) => finish(await runCommandBody(options, body)),
    );
  add('status', text.status, status, true);
  add('path', text.path, path);
  add('clear', text.clear, clear);
};

async function status(run: CommandRun): Promise<ExitCode> {
  const { ResultCache } = await import('@holodeck/core');
  const found = await new ResultCache().status();
  const { cache } = messages().reports;
  run.print(found, cache.status(found.directory, found.entries, megabytes(found.bytes), megabytes(found.maxBytes)));
  return exitCodes.done;
}

async function path(run: CommandRun): Promise<ExitCode> {
  const { ResultCache } = await import('@holodeck/core');
  const { directory } = new ResultCache();
  run.print({ directory }, directory);
  return exitCodes.done;
}

async function clear(run: CommandRun): Promise<ExitCode> {
  const { ResultCache } = await import('@holodeck/core');
  const removed = await new ResultCache().clear();
  run.print(removed, messages().reports.cache.cleared(removed.entries, megabytes(removed.bytes)));
  return exitCodes.done;
}

function megabytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}
