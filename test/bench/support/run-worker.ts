import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How long one process may take before it is killed, in milliseconds: one that hangs must not hold up the other cases. */
const patienceMs = 180_000;

/**
 * Runs a program of this folder in a process of its own and resolves with the figures that it sends. If it reports that it is warm
 * (`becomeWarm`), it continues after `onWarm`.
 * @param file Relative to `test/bench`.
 * @throws {Error} if the process ends without figures, or takes longer than three minutes.
 */
export function runWorker<Figures>(
  file: string,
  args: readonly string[],
  onWarm: () => Promise<void> = async () => undefined,
): Promise<Figures> {
  const program = fileURLToPath(new URL(`../${file}`, import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(program, args, {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      timeout: patienceMs,
      killSignal: 'SIGKILL',
    });
    child.on('message', (message) => {
      if (message === 'warm') onWarm().then(() => child.send('go'), reject);
      else resolve(message as Figures);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`${[file, ...args].join(' ')} ended (${code ?? signal}) without figures.`)),
    );
  });
}

/** In such a program: tells the parent that the warm-up is over, and waits until the work that counts may start. */
export async function becomeWarm(): Promise<void> {
  const go = new Promise((resolve) => process.once('message', resolve));
  process.send?.('warm');
  await go;
}
