import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { withPackages } from '../../support/packages.ts';

/** What the process of a series is told. */
export interface HostedCommand {
  readonly args: readonly string[];
  /** The working directory. */
  readonly folder: string;
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

/**
 * Command lines that run in turn in one process, which the first one starts: most of the time of a short command goes into the
 * start of its process. What is only true of a process of its own, as its end by a signal, needs one.
 */
class CommandSeries {
  readonly #texts = { stdout: '', stderr: '' };
  #child: ChildProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Rejects when the process ends before the command. */
  run(command: Omit<HostedCommand, 'mark'>): Promise<CommandEnd> {
    const next = this.#last.then(() => this.#run(command));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #run(command: Omit<HostedCommand, 'mark'>): Promise<CommandEnd> {
    const child = (this.#child ??= this.#start());
    this.#texts.stdout = '';
    this.#texts.stderr = '';
    const mark = `\u0000${randomUUID()} `;
    child.send({ ...command, mark } satisfies HostedCommand);
    const ending = new RegExp(`^(.*)${mark}(\\d+)$`, 's');
    for (;;) {
      const [out, err] = [ending.exec(this.#texts.stdout), ending.exec(this.#texts.stderr)];
      if (out !== null && err !== null) return { exitCode: Number(out[2]), stdout: out[1] ?? '', stderr: err[1] ?? '' };
      if (child.exitCode !== null || child.signalCode !== null) {
        this.#child = undefined;
        const { stdout, stderr } = this.#texts;
        throw new Error(`The process ended during ${JSON.stringify(command.args)}:\n${stdout}\n${stderr}`);
      }
      await once(child, 'heard');
    }
  }

  #start(): ChildProcess {
    const child = spawn(process.execPath, [...withPackages, host], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#texts[name] += text;
        child.emit('heard');
      });
    child.once('close', () => child.emit('heard'));
    // It ends with this process.
    child.unref();
    return child;
  }
}

/** Owner: the test process, for all its files. Lifetime: until the process ends, or a command ends its host. */
export const commandSeries: CommandSeries = new CommandSeries();
