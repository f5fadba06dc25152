import { blankSecrets, keepSecrets } from '@holodeck/core/backend';
import type { Command } from 'commander';

import { CommandError } from './command-error.ts';
import { loadEnvironmentFile } from './environment-file.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { describeError } from '../progress/describe-result.ts';
import { withLanguageOption } from '../options/language-option.ts';
import { listenForInterruption } from './interruption.ts';
import { createProgressView } from '../progress/create-progress-view.ts';
import type { ProgressView } from '../progress/progress-view.ts';

/** The options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** A path, or false for none. */
  readonly dotenv?: string | boolean;
}

/** The context of a running command. */
export interface CommandRun {
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly view: ProgressView;
  readonly json: boolean;
  /** Writes one result to stdout: a JSON line with `--json`, else the text (none = nothing). */
  print(value: unknown, text?: string): void;
  /** An error line on stderr; appears with `--quiet` too. */
  error(message: string): void;
  /** A line on stderr that begins with "warning: ". */
  warn(message: string): void;
}

/** Adds the options that every command has. */
export function withCommonOptions(command: Command): Command {
  const { common } = messages().commands;
  return withLanguageOption(
    command
      .option('--json', common.json)
      .option('-q, --quiet', common.quiet)
      // Not `--env-file`: Node itself takes that option, wherever it stands.
      .option('--dotenv <path>', common.dotenv)
      .option('--no-dotenv', common.noDotenv),
  );
}

/**
 * Runs the body of a command: environment file, signals and progress view around it, errors turned into a line on stderr.
 * Resolves with the exit code and never rejects.
 */
export async function runCommandBody(
  options: CommonOptions,
  body: (run: CommandRun) => Promise<ExitCode>,
): Promise<ExitCode> {
  const view = createProgressView({ quiet: options.quiet ?? false });
  const error = (message: string): void => {
    // Notes go above the live block, so that it stays whole.
    const line = `${messages().reports.error}${blankSecrets(message)}`;
    if (options.quiet === true) process.stderr.write(`${line}\n`);
    else view.note(line);
  };
  const interruption = listenForInterruption((message) => view.note(message));
  const json = options.json ?? false;
  const run: CommandRun = {
    signal: interruption.signal,
    view,
    json,
    print: (value, text) => {
      const line = json ? JSON.stringify(value) : text;
      if (line !== undefined) view.aside(() => process.stdout.write(`${line}\n`));
    },
    error,
    warn: (message) => view.note(`${messages().reports.warning}${blankSecrets(message)}`),
  };
  try {
    if (options.dotenv !== false) {
      const file = typeof options.dotenv === 'string' ? options.dotenv : undefined;
      for (const problem of loadEnvironmentFile(file, process.env, await knownVariables())) run.warn(problem);
    }
    await keepSecretsOf(process.env);
    return await body(run);
  } catch (thrown) {
    if (interruption.signal.aborted && isAbort(thrown)) return exitCodes.interrupted;
    error(describeThrown(thrown));
    return interruption.signal.aborted ? exitCodes.interrupted : exitCodeOf(thrown);
  } finally {
    view.close();
    interruption.dispose();
  }
}

async function knownVariables(): Promise<readonly string[]> {
  const { builtinDefinitions, generalVariables } = await import('@holodeck/hybrid/registry');
  const backends = await builtinDefinitions();
  return [...generalVariables, ...backends.flatMap(({ variables }) => variables)].map(({ name }) => name);
}

/** Blanks the secrets of the environment in whatever is said from now on. */
async function keepSecretsOf(environment: NodeJS.ProcessEnv): Promise<void> {
  const { builtinDefinitions, secretValues } = await import('@holodeck/hybrid/registry');
  keepSecrets(await secretValues(await builtinDefinitions(), environment));
}

interface ImageErrorLike {
  readonly kind: string;
  readonly outcome: string;
  readonly message: string;
}

// Recognised by its fields, so that a wrong option loads no library.
function isImageErrorLike(value: unknown): value is ImageErrorLike {
  return value instanceof Error && 'kind' in value && 'outcome' in value;
}

function isAbort(thrown: unknown): boolean {
  if (isImageErrorLike(thrown)) return thrown.kind === 'aborted';
  return thrown instanceof Error && thrown.name === 'AbortError';
}

function describeThrown(thrown: unknown): string {
  if (thrown instanceof CommandError) return thrown.message;
  if (isImageErrorLike(thrown)) return describeError(thrown);
  if (process.env['HOLODECK_DEBUG'] && thrown instanceof Error) return thrown.stack ?? thrown.message;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return `${message} (${messages().reports.unexpected})`;
}

const usageKinds = new Set(['invalid-request', 'unsupported', 'session', 'storage', 'budget']);
const unavailableKinds = new Set(['unavailable', 'auth', 'quota']);

/**
 * The exit code of an error: 2 when the input, the configuration or the output folder was refused before anything was sent,
 * 3 when no backend could be used, else 1.
 */
export function exitCodeOf(thrown: unknown): ExitCode {
  if (thrown instanceof CommandError) return thrown.exitCode;
  if (!isImageErrorLike(thrown)) return exitCodes.failed;
  const { kind, outcome } = thrown;
  if (usageKinds.has(kind) && outcome === 'not-submitted') return exitCodes.usage;
  const nothingRuns = outcome === 'not-submitted' || outcome === 'rejected';
  return nothingRuns && unavailableKinds.has(kind) ? exitCodes.noBackend : exitCodes.failed;
}
