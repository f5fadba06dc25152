import type { BackendDefinition } from '@holodeck/core/backend';
import { builtinDefinitions } from '@holodeck/hybrid/registry';
import { CommanderError } from 'commander';
import type { Command } from 'commander';

import { registerBatch } from './commands/batch.ts';
import { registerCache } from './commands/cache.ts';
import { registerCard } from './commands/card.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEmulate } from './commands/emulate.ts';
import { registerGenerate } from './commands/generate.ts';
import { registerJobs } from './commands/jobs.ts';
import { registerKeys } from './commands/keys.ts';
import { registerMcp } from './commands/mcp.ts';
import { registerQueue } from './commands/queue.ts';
import { registerResume } from './commands/resume.ts';
import { registerScene } from './commands/scene.ts';
import { registerServe } from './commands/serve.ts';
import { registerSessions } from './commands/sessions.ts';
import { registerWorker } from './commands/worker.ts';
import { examples } from './examples.ts';
import { exitCodes } from './run/exit-codes.ts';
import type { ExitCode } from './run/exit-codes.ts';
import { withLanguageOption } from './options/language-option.ts';
import { describeRequestOptions } from './options/request-options.ts';
import { chooseLanguage } from './messages/language.ts';
import { currentLanguage, messages, setLanguage } from './messages/messages.ts';
import { packageVersion } from './package-version.ts';
import { LocalizedCommand } from './program.ts';

/**
 * Runs one command line, `["scene", "雨夜的面馆", "--json"]`, and resolves with its exit code. Never rejects. Reads and writes
 * `process.env`, listens for SIGINT and SIGTERM while a command runs.
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode: ExitCode = exitCodes.done;
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  // A closed pipe (`| head`) must not end work that is paid for.
  const ignoreClosedPipe = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
  };
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  const program = await createProgram(args, finish);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander throws for help and version too; anything else is a mistake in the command.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  } finally {
    process.stdout.off('error', ignoreClosedPipe);
    process.stderr.off('error', ignoreClosedPipe);
  }
  return exitCode;
}

/** The program with all commands, in the language of the arguments and the environment. A command reports its exit code to `finish`. */
export async function createProgram(args: readonly string[], finish: (code: ExitCode) => void): Promise<Command> {
  const program = createBareProgram(args);
  for (const register of [
    registerDoctor,
    registerGenerate,
    registerBatch,
    registerScene,
    registerCard,
    registerResume,
    registerJobs,
    registerSessions,
    registerWorker,
    registerQueue,
    registerServe,
    registerKeys,
    registerMcp,
    registerEmulate,
    registerCache,
    registerCompletion,
  ]) {
    register(program, finish);
  }
  addRequestOptions(program, await builtinDefinitions());
  addExamples(program, '');
  return program;
}

/** The program without its commands, in the language of the arguments and the environment. */
function createBareProgram(args: readonly string[]): Command {
  setLanguage(chooseLanguage(args, process.env));
  const { commands } = messages();
  const program = new LocalizedCommand('holodeck-image')
    .description(commands.program)
    .version(packageVersion(), '-V, --version', commands.versionOption)
    .helpCommand('help [command]', commands.helpCommand)
    .addHelpText('after', () => `\n${commands.programHelp}`)
    .exitOverride()
    .showSuggestionAfterError();
  return withLanguageOption(program);
}

/** Adds what `--option` takes to the help of the commands that have it. */
function addRequestOptions(program: Command, definitions: readonly BackendDefinition[]): void {
  for (const command of program.commands) {
    if (!command.options.some(({ long }) => long === '--option')) continue;
    command.addHelpText('after', () => describeRequestOptions(definitions));
  }
}

/** Adds examples to the help of a command and of those under it. */
function addExamples(command: Command, path: string): void {
  const { titles } = messages().commands;
  const lines = (examples[path] ?? []).flatMap(({ command: line, does }) => [
    `  # ${does[currentLanguage()]}`,
    `  $ holodeck-image ${line}`,
  ]);
  if (lines.length > 0) command.addHelpText('after', () => ['', titles.examples, ...lines].join('\n'));
  for (const sub of command.commands) addExamples(sub, `${path} ${sub.name()}`.trim());
}
