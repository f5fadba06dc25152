import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ImageRequest } from '@holodeck/core/backend';
import type { RemoteOpener } from '../child-command.ts';
import { backendProcessMarker, backendProgramUrl } from './backend-program.ts';

/** What a process of its own does with a backend: probe, submit, collect, close. */
export interface BackendProcessTask {
  readonly opener: RemoteOpener;
  /** Without references. */
  readonly request: ImageRequest;
  /** For spooled answers. */
  readonly folder: string;
}

/** How long the process may take until it is killed, in milliseconds. */
const longestMs = 120_000;

/** Runs the task; resolves when the process has ended, without an exit code if it was killed. */
export async function runBackendProcess(
  task: BackendProcessTask,
): Promise<{ readonly output: string; readonly exitCode: number | null }> {
  const sources = backendProgramUrl.endsWith('.ts') ? ['--conditions=@holodeck/source'] : [];
  const child = spawn(
    process.execPath,
    [...sources, fileURLToPath(backendProgramUrl), backendProcessMarker, JSON.stringify(task)],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: longestMs },
  );
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { output: exitCode === 0 ? output.trim() : errors.trim().slice(-2000), exitCode };
}
