import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkerSettings } from './worker-main.ts';

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  /** As `kill -9` does. */
  kill(): Promise<void>;
  /** SIGTERM: a graceful end. Resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Starts a worker; resolves when it works. */
export async function startWorkerProcess(settings: WorkerSettings): Promise<WorkerProcess> {
  const child: ChildProcess = fork(
    fileURLToPath(new URL('worker-main.ts', import.meta.url)),
    [JSON.stringify(settings)],
    {
      execArgv: ['--conditions=@holodeck/source'],
    },
  );
  const exit = once(child, 'exit');
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exit;
    return child.exitCode;
  };
  const started = await Promise.race([once(child, 'message'), exit.then(() => undefined)]);
  if (started?.[0] !== 'working') throw new Error(`The worker did not start: ${String(started?.[0])}`);
  return {
    pid: child.pid,
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}
