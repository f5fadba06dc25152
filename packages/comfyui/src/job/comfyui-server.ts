import { randomUUID } from 'node:crypto';
import { isRecord, systemClock } from '@holodeck/core/backend';
import { ComfyUIHttp } from '../wire/comfyui-http.ts';
import { ComfyUISocket } from '../wire/comfyui-socket.ts';
import { JobLookup, UnusableAnswer } from './job-lookup.ts';
import { JobMonitor } from './job-monitor.ts';
import type { Clock } from '@holodeck/core/backend';
import type { ComfyUIOptions, Server } from '../comfyui-options.ts';

/** Everything that belongs to one server: its HTTP connections, its one socket, its jobs. */
export class ComfyUIServer {
  readonly server: Server;
  readonly clientId: string = randomUUID();
  readonly http: ComfyUIHttp;
  readonly socket: ComfyUISocket;
  readonly lookup: JobLookup;
  readonly monitor: JobMonitor;
  readonly clock: Clock;
  /** Jobs that this process has cancelled. */
  readonly cancelled: Set<string> = new Set();
  #version: string | undefined;

  constructor(server: Server, options: ComfyUIOptions) {
    const internal = options.internal ?? {};
    this.server = server;
    this.clock = internal.clock ?? systemClock;
    this.http = new ComfyUIHttp(server, options.network ?? {});
    this.lookup = new JobLookup(this.http, server);
    this.monitor = new JobMonitor({
      lookup: this.lookup,
      clock: this.clock,
      label: server.label,
      backstopMs: internal.backstopMs ?? 10_000,
    });
    this.socket = new ComfyUISocket({
      server,
      clientId: this.clientId,
      network: options.network ?? {},
      clock: this.clock,
      logger: options.logger,
      listener: this.monitor,
      pingIntervalMs: internal.pingIntervalMs ?? 20_000,
      statusTimeoutMs: internal.statusTimeoutMs ?? 1000,
    });
    this.monitor.attach(this.socket);
  }

  get label(): string {
    return this.server.label;
  }

  /** The server's version from /system_stats, asked once; `''` where it tells none. */
  async version(signal: AbortSignal): Promise<string> {
    if (this.#version === undefined) {
      const answer = await this.http.request('/system_stats', { signal });
      if (answer.status !== 200 || !isRecord(answer.json)) {
        throw new UnusableAnswer(answer.status, '/system_stats');
      }
      const system = answer.json['system'];
      const version = isRecord(system) ? system['comfyui_version'] : undefined;
      this.#version = typeof version === 'string' ? version : '';
    }
    return this.#version;
  }

  async close(): Promise<void> {
    this.monitor.close();
    this.socket.close();
    await this.http.close();
  }
}

/** Whether a version such as `0.3.64` is at least another; an unknown one counts as new. */
export function isAtLeast(version: string, least: string): boolean {
  const numbers = (text: string): number[] =>
    (/^v?(\d+(?:\.\d+)*)/.exec(text)?.[1] ?? '').split('.').filter(Boolean).map(Number);
  const have = numbers(version);
  if (have.length === 0) {
    return true;
  }
  for (const [index, want] of numbers(least).entries()) {
    const part = have[index] ?? 0;
    if (part !== want) {
      return part > want;
    }
  }
  return true;
}
