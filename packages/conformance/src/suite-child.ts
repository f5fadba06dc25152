import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { childMarker, childProgramUrl } from './child-main.ts';
import type { ChildCommand, ChildReply, ChildRequest, RemoteOpener } from './child-command.ts';

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Another process with its own handle on the store under test. */
export class SuiteChild {
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, PendingCall>();
  #lastId = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on('message', (reply: ChildReply) => this.#settle(reply));
    process.on('exit', () => this.#fail(new Error('The child process has ended.')));
    process.on('error', (error) => this.#fail(error));
  }

  /** Resolves when the child has opened the store. */
  static async start(opener: RemoteOpener): Promise<SuiteChild> {
    const process = fork(fileURLToPath(childProgramUrl), [childMarker, JSON.stringify(opener)], {
      // A child that runs from the sources needs the sources of the other packages too.
      execArgv: childProgramUrl.endsWith('.ts') ? ['--conditions=@holodeck/source'] : [],
    });
    const child = new SuiteChild(process);
    await child.#reply(0);
    return child;
  }

  /** Sends a command; resolves with the child's answer, rejects when the child fails or ends. */
  async call(command: ChildCommand): Promise<unknown> {
    const request: ChildRequest = { id: ++this.#lastId, command };
    const reply = this.#reply(request.id);
    if (this.#process.connected) this.#process.send(request);
    else this.#fail(new Error('The child process has ended.'));
    return reply;
  }

  /** Kills the process as kill -9 does; resolves when it is gone. May be called twice. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }

  async #reply(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
  }

  #settle({ id, value, error }: ChildReply): void {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new Error(error));
  }

  #fail(error: Error): void {
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    for (const call of calls) call.reject(error);
  }
}
