import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

import { commandLine } from './command-line.ts';
import { compileCache } from './compile-cache.ts';

/** The result of a run of the command line. */
export interface CliEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run in progress. */
export interface CliRun {
  readonly process: ChildProcess;
  readonly end: Promise<CliEnd>;
}

/** Starts `holodeck-image` with only these variables besides PATH and HOME. */
export function startCli(args: readonly string[], environment: Readonly<Record<string, string>>, cwd?: string): CliRun {
  const child = spawn(process.execPath, [...commandLine, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], ...compileCache, HOME: cwd, XDG_STATE_HOME: cwd, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const end = new Promise<CliEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { process: child, end };
}
