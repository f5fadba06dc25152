import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startHunyuanEmulator } from '@holodeck/emulators';
import type { HunyuanEmulator, HunyuanEmulatorOptions } from '@holodeck/emulators';

import { commandLine } from '../../support/command-line.ts';
import { compileCache } from '../../support/compile-cache.ts';
import { withPackages } from '../../support/packages.ts';
import { commandSeries } from './command-series.ts';

/** How a run of the command line ended. */
export interface FinishedRun {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as JSON lines. */
  readonly json: () => readonly Record<string, unknown>[];
}

/** A running command line. */
export interface Run {
  readonly child: ChildProcess;
  readonly finished: Promise<FinishedRun>;
  /** Its output so far. */
  stdout(): string;
  /** Resolves when the text appears on stdout or stderr; rejects if the run ends without it. */
  seen(text: string): Promise<void>;
}

/** A test's folder and its emulator. */
export interface Workspace {
  readonly folder: string;
  readonly emulator: HunyuanEmulator;
  /** Starts the real command line in a new process, in `folder`. */
  start(args: readonly string[], options?: RunOptions): Run;
  run(args: readonly string[], options?: RunOptions): Promise<FinishedRun>;
  /** The same in a process that all commands share: for all but what is only true of a process of its own. */
  quickRun(args: readonly string[], env?: RunOptions['env']): Promise<FinishedRun>;
  /** Starts a program of a user instead of the command line. */
  startProgram(file: string): Run;
  close(): Promise<void>;
}

interface RunOptions {
  /** Added to the environment; undefined removes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Uint8Array;
}

/** Opens a folder and an emulator with fast jobs. */
export async function openWorkspace(options: HunyuanEmulatorOptions = {}): Promise<Workspace> {
  const folder = mkdtempSync(join(tmpdir(), 'holodeck-cli-'));
  const home = join(folder, '.home');
  mkdirSync(home);
  const emulator = await startHunyuanEmulator({
    jobMs: 30,
    waitingMs: 0,
    queryRate: 'off',
    submitRate: 'off',
    ...options,
  });
  const environment = {
    PATH: process.env['PATH'],
    ...compileCache,
    HOME: home,
    LANG: 'C.UTF-8',
    HUNYUAN_ENDPOINT: emulator.url,
    HUNYUAN_SECRET_ID: emulator.credentials.secretId,
    HUNYUAN_SECRET_KEY: emulator.credentials.secretKey,
  };
  const withChanges = (env: RunOptions['env']): Record<string, string> =>
    Object.fromEntries(
      Object.entries({ ...environment, ...env }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    );
  const children = new Set<ChildProcess>();
  const startNode = (args: readonly string[], { env = {}, input }: RunOptions = {}): Run => {
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: withChanges(env),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.add(child);
    return follow(child, input);
  };
  const start: Workspace['start'] = (args, options) => startNode([...commandLine, ...args], options);
  return {
    folder,
    emulator,
    start,
    startProgram: (file) => startNode([...withPackages, file]),
    run: (args, runOptions) => start(args, runOptions).finished,
    quickRun: async (args, env) => {
      const end = await commandSeries.run({ args, folder, environment: withChanges(env) });
      return { ...end, signal: null, json: () => parseLines(end.stdout) };
    },
    async close() {
      for (const child of children) child.kill('SIGKILL');
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function follow(child: ReturnType<typeof spawn>, input: string | Uint8Array | undefined): Run {
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  const heard = (): void => {
    for (const listener of listeners) listener();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    heard();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    heard();
  });
  // A command that does not read its input may close it early.
  child.stdin?.on('error', () => undefined).end(input ?? '');
  const finished = new Promise<FinishedRun>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      resolve({ exitCode, signal, stdout, stderr, json: () => parseLines(stdout) });
      heard();
    });
  });
  return {
    child,
    finished,
    stdout: () => stdout,
    seen: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const there = stdout.includes(text) || stderr.includes(text);
          const ended = child.exitCode !== null || child.signalCode !== null;
          if (!there && !ended) return;
          listeners.delete(look);
          if (there) resolve();
          else reject(new Error(`The run ended without ${JSON.stringify(text)}:\n${stdout}\n${stderr}`));
        };
        listeners.add(look);
        look();
      }),
  };
}

function parseLines(text: string): readonly Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
