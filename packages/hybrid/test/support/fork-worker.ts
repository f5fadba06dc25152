import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import { compileCache } from '../../../../test/support/compile-cache.ts';
import { withPackages } from '../../../../test/support/packages.ts';
import type { WorkerOrder, WorkerReport } from './session-worker.ts';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const worker = fileURLToPath(new URL('session-worker.ts', import.meta.url));

/** A process that works on a session. */
export interface RunningWorker {
  readonly child: ChildProcess;
  /** Undefined if it was killed. */
  readonly report: Promise<WorkerReport | undefined>;
}

/** Starts a process that makes a session, with only the given environment. */
export function forkWorker(environment: Readonly<Record<string, string>>, order: WorkerOrder): RunningWorker {
  const child = fork(worker, {
    execArgv: [...withPackages],
    env: { PATH: process.env['PATH'] ?? '', ...compileCache, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  const { promise: report, resolve } = Promise.withResolvers<WorkerReport | undefined>();
  child.once('message', (message) => resolve(message as WorkerReport));
  child.once('exit', () => resolve(undefined));
  child.send(order);
  return { child, report };
}
