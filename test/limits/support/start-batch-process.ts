import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { withPackages } from '../../support/packages.ts';

/** The work of one process. */
export interface BatchProcessOptions {
  /** Its prompts begin with it. */
  readonly name: string;
  readonly tasks: number;
  readonly maxConcurrent: number | 'auto';
  /** The permits that all processes share. */
  readonly stateDirectory: string;
  readonly endpoint: string;
  readonly secretId: string;
  readonly secretKey: string;
}

/** A process that waits for `go`. */
export interface BatchProcess {
  go(): void;
  /** The number of failed tasks, once all are over. */
  readonly failed: Promise<number>;
}

/** Starts a process; resolves when it is ready to begin. */
export async function startBatchProcess(options: BatchProcessOptions): Promise<BatchProcess> {
  const file = fileURLToPath(new URL('batch-process.ts', import.meta.url));
  const child = fork(file, [JSON.stringify(options)], { execArgv: [...withPackages] });
  await once(child, 'message');
  const failed = new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { failed: number }).failed));
    // The exit may be noticed before the last message.
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`The process ${options.name} ended with code ${code}.`));
    });
  });
  return { go: () => void child.send('go'), failed };
}
