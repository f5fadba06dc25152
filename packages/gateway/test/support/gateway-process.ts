import { setTimeout as sleep } from 'node:timers/promises';

import { freePort } from '../../../../test/support/free-port.ts';
import { startCli } from '../../../../test/support/run-cli.ts';
import type { CliRun } from '../../../../test/support/run-cli.ts';

/** Where a gateway's process works. */
export interface GatewayProcessOptions {
  readonly folder: string;
  readonly backend: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** `holodeck-image serve` as a process that can be killed, and started again at the same port. */
export class GatewayProcess {
  readonly #options: GatewayProcessOptions;
  readonly port: number;
  #run: CliRun | undefined;

  private constructor(options: GatewayProcessOptions, port: number) {
    this.#options = options;
    this.port = port;
  }

  /** Starts one with the keys of `keys.json` in its folder. */
  static async start(options: GatewayProcessOptions): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(options, await freePort());
    await gateway.start();
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const { folder, backend, environment } = this.#options;
    const args = ['serve', '--port', String(this.port), '--out', 'out', '--keys', 'keys.json', '--backend', backend];
    this.#run = startCli(args, environment, folder);
    for (;;) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.status === 200) return;
      if (this.#run.process.exitCode !== null) throw new Error((await this.#run.end).stderr);
      await sleep(20);
    }
  }

  /** The value of one of its figures; the sum over its labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const values = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#run?.process.kill(signal);
    await this.#run?.end;
  }
}
