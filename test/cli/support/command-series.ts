import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { withPackages } from '../../support/packages.ts';

/** What the process of a series is told. */
export interface HostedCommand {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Comes before the exit code at the end of its output. */
  readonly mark: string;
}

/** What a command of a series wrote, and its exit code. */
interface CommandEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const host = fileURLToPath(new URL('command-host.ts', import.meta.url));

/** Command lines that run in turn in one process, which the first one starts: for those that refuse or tell and end. */
export class CommandSeries {
  readonly #folder: string;
  readonly #texts = { stdout: '', stderr: '' };
  #child: ChildProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Rejects when the process ends before the command. */
  run(args: readonly string[], environment: HostedCommand['environment']): Promise<CommandEnd> {
    const next = this.#last.then(() => this.#run(args, environment));
    this.#last = next.catch(() => undefined);
    return next;
  }

  close(): void {
    this.#child?.kill('SIGKILL');
  }

  async #run(args: readonly string[], environment: HostedCommand['environment']): Promise<CommandEnd> {
    const child = (this.#child ??= this.#start(environment));
    this.#texts.stdout = '';
    this.#texts.stderr = '';
    const mark = `\u0000${randomUUID()} `;
    child.send({ args, environment, mark } satisfies HostedCommand);
    const ending = new RegExp(`^(.*)${mark}(\\d+)$`, 's');
    for (;;) {
      const [out, err] = [ending.exec(this.#texts.stdout), ending.exec(this.#texts.stderr)];
      if (out !== null && err !== null) return { exitCode: Number(out[2]), stdout: out[1] ?? '', stderr: err[1] ?? '' };
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(
          `The process ended during ${JSON.stringify(args)}:\n${this.#texts.stdout}\n${this.#texts.stderr}`,
        );
      await once(child, 'heard');
    }
  }

  #start(environment: HostedCommand['environment']): ChildProcess {
    const child = spawn(process.execPath, [...withPackages, host], {
      cwd: this.#folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#texts[name] += text;
        child.emit('heard');
      });
    child.once('close', () => child.emit('heard'));
    return child;
  }
}
