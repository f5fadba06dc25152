import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { withPackages } from '../../../../test/support/packages.ts';
import type { WorkerSettings } from './worker-main.ts';

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  /** As `kill -9` does. */
  kill(): Promise<void>;
  /** SIGTERM: a graceful end. Resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Whether processes can be given another host's name here: root on Linux. */
export const canChooseHost: boolean =
  process.platform === 'linux' && spawnSync('unshare', ['--uts', 'true'], { stdio: 'ignore' }).status === 0;

/** Starts a worker, on a host of another name where one is given; resolves when it works. */
export async function startWorkerProcess(settings: WorkerSettings, host?: string): Promise<WorkerProcess> {
  const main = fileURLToPath(new URL('worker-main.ts', import.meta.url));
  const command = [process.execPath, ...withPackages, main, JSON.stringify(settings)];
  const elsewhere = ['unshare', '--uts', 'sh', '-c', `hostname "${host}" && exec "$@"`, 'sh', ...command];
  const [program = '', ...args] = host === undefined ? command : elsewhere;
  const child: ChildProcess = spawn(program, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
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
