import { Command, CommanderError } from 'commander';

import { registerBatch } from './commands/batch.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEmulate } from './commands/emulate.ts';
import { registerGenerate } from './commands/generate.ts';
import { registerJobs } from './commands/jobs.ts';
import { registerQueue } from './commands/queue.ts';
import { registerResume } from './commands/resume.ts';
import { registerScene } from './commands/scene.ts';
import { registerSessions } from './commands/sessions.ts';
import { registerWorker } from './commands/worker.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { packageVersion } from './package-version.ts';

const exitCodeHelp = `
stdout carries results only, stderr the progress.
Exit codes: 0 all done, 1 some failed, 2 usage or configuration, 3 no backend available, 130 interrupted (resumable).
Variables are read from ./.env too; existing ones win.`;

/**
 * Runs one command line, `["scene", "雨夜的面馆", "--json"]`, and resolves with its exit code. Never rejects. Reads and writes
 * `process.env`, listens for SIGINT and SIGTERM while a command runs.
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode: ExitCode = exitCodes.done;
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  // A reader that went away (`| head`) must not end work that is paid for.
  const ignoreClosedPipe = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
  };
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  const program = new Command('holodeck-image')
    .description(
      'Images for 3D scenes from Tencent Hunyuan, OpenAI and ComfyUI: one look per session, nothing paid twice.',
    )
    .version(packageVersion())
    .addHelpText('after', exitCodeHelp)
    .exitOverride()
    .showSuggestionAfterError();
  for (const register of [
    registerDoctor,
    registerGenerate,
    registerBatch,
    registerScene,
    registerResume,
    registerJobs,
    registerSessions,
    registerWorker,
    registerQueue,
    registerEmulate,
  ]) {
    register(program, finish);
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are no errors; everything else that commander finds is a mistake in the command.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  } finally {
    process.stdout.off('error', ignoreClosedPipe);
    process.stderr.off('error', ignoreClosedPipe);
  }
  return exitCode;
}
