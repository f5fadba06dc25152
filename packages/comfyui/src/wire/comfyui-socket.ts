import { createAgent, isRecord } from '@holodeck/core/backend';
import type { Logger, NetworkOptions } from '@holodeck/core';
import type { Clock } from '@holodeck/core/backend';
import type { WebSocket } from 'ws';
import { networkReason } from '../comfyui-errors.ts';
import { parsePythonJson } from './python-json.ts';
import type { Server } from '../comfyui-options.ts';

/** Receives the events of a socket. */
export interface SocketListener {
  onMessage(type: string, data: Readonly<Record<string, unknown>>): void;
  onBinary(message: Buffer): void;
  /** The socket is open; earlier events were not sent. */
  onOpen(): void;
  onDown(): void;
}

/** Settings of a socket; durations are in milliseconds. */
export interface SocketOptions {
  readonly server: Server;
  readonly clientId: string;
  readonly network: NetworkOptions;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly listener: SocketListener;
  /** Between pings. A socket that answered neither ping nor anything else in that time is given up. */
  readonly pingIntervalMs: number;
  /** How soon a `status` must follow a submission. */
  readonly statusTimeoutMs: number;
}

const handshakeTimeoutMs = 10_000;
const reopenDelaysMs: readonly number[] = [0, 50, 250, 500, 1000, 2000, 4000];
/** The largest picture that comes by socket. */
const maxMessageBytes = 64 * 1024 * 1024;
/** Longer texts are not events. */
const maxTextBytes = 8 * 1024 * 1024;

/**
 * One WebSocket of one server, for all jobs of this process there. ComfyUI 0.33 forgets a client whose id is opened twice as
 * soon as the first connection closes (https://github.com/comfyanonymous/ComfyUI/issues/16010), so the old connection is
 * always destroyed, and has closed, before a new one is opened. The server never pings, so this side does. The process is kept
 * alive only while a job holds the socket.
 */
export class ComfyUISocket {
  readonly #options: SocketOptions;
  readonly #url: URL;
  #socket: WebSocket | undefined;
  #opening: Promise<boolean> | undefined;
  #holders = 0;
  #failures = 0;
  /** Whether the last attempt failed or took too long. */
  #hopeless = false;
  #statusCount = 0;
  #alive = true;
  #closed: AbortController = new AbortController();
  #unref: () => void = () => undefined;
  #ref: () => void = () => undefined;

  constructor(options: SocketOptions) {
    this.#options = options;
    const { url } = options.server;
    this.#url = new URL(`${url.href.replace(/\/$/, '')}/ws`);
    this.#url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#url.searchParams.set('clientId', options.clientId);
  }

  get isOpen(): boolean {
    return this.#socket !== undefined && this.#socket.readyState === this.#socket.OPEN;
  }

  /** Keeps the socket, and the process, until `release`; reopens it whenever it is lost. */
  hold(): void {
    this.#holders += 1;
    this.#ref();
    if (!this.isOpen) {
      void this.open();
    }
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) {
      this.#unref();
    }
  }

  /** Opens it if it is not open. Resolves with whether it is open now; never rejects. */
  open(): Promise<boolean> {
    if (this.isOpen) {
      return Promise.resolve(true);
    }
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /**
   * Waits for an opening, `ms` at most: events that come before it is open are lost. Not at all where the last attempt led
   * nowhere, as behind a proxy that lets no WebSocket through: jobs are then followed by questions.
   *
   * @param needed Wait all the same: what comes by socket cannot be asked for.
   */
  async openWithin(opening: Promise<boolean>, ms: number, needed: boolean, signal: AbortSignal): Promise<void> {
    if (this.isOpen || (this.#hopeless && !needed)) {
      return;
    }
    const over = new AbortController();
    const late = this.#options.clock.sleep(ms, AbortSignal.any([signal, over.signal])).then(
      () => {
        this.#hopeless = !this.isOpen;
      },
      () => undefined,
    );
    await Promise.race([opening, late]);
    over.abort();
  }

  /**
   * After a submission was accepted: its `status` message must have come, or come soon; else the server has forgotten this
   * client although the connection lives, and the socket is opened again.
   *
   * @param seen `statusCount` before the submission.
   */
  async expectStatus(seen: number, signal: AbortSignal): Promise<void> {
    const socket = this.#socket;
    if (this.#statusCount !== seen || socket === undefined || !this.isOpen) {
      return;
    }
    await this.#options.clock.sleep(this.#options.statusTimeoutMs, this.#closed.signal).catch(() => undefined);
    if (this.#statusCount === seen && this.#socket === socket && !signal.aborted) {
      this.#options.logger?.warn(
        { server: this.#options.server.label },
        'ComfyUI no longer sends events to this client; its socket is opened again.',
      );
      socket.terminate();
    }
  }

  /** How many `status` messages have come so far. */
  get statusCount(): number {
    return this.#statusCount;
  }

  close(): void {
    this.#closed.abort();
    this.#socket?.terminate();
  }

  async #connect(): Promise<boolean> {
    const delayMs = reopenDelaysMs[Math.min(this.#failures, reopenDelaysMs.length - 1)]!;
    try {
      if (delayMs > 0) {
        await this.#options.clock.sleep(delayMs, this.#closed.signal);
      }
      const { WebSocket } = await import('ws');
      if (this.#closed.signal.aborted) {
        return false;
      }
      const { server, network } = this.#options;
      const socket = new WebSocket(this.#url, {
        headers: server.headers,
        agent: createAgent(this.#url, network),
        perMessageDeflate: false,
        handshakeTimeout: handshakeTimeoutMs,
        maxPayload: maxMessageBytes,
        followRedirects: false,
      });
      return await this.#follow(socket);
    } catch {
      return false;
    }
  }

  #follow(socket: WebSocket): Promise<boolean> {
    const { listener, logger, server, pingIntervalMs } = this.#options;
    this.#socket = socket;
    return new Promise((resolve) => {
      let pings: NodeJS.Timeout | undefined;
      let opened = false;
      socket.once('upgrade', (response) => {
        this.#ref = () => response.socket.ref();
        this.#unref = () => response.socket.unref();
      });
      socket.once('open', () => {
        this.#failures = 0;
        this.#hopeless = false;
        opened = true;
        this.#alive = true;
        socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
        pings = setInterval(() => this.#ping(socket), pingIntervalMs).unref();
        if (this.#holders === 0) {
          this.#unref();
        }
        listener.onOpen();
        resolve(true);
      });
      socket.on('pong', () => {
        this.#alive = true;
      });
      socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
      // 'close' always follows.
      socket.on('error', (error) => {
        logger?.debug({ server: server.label, reason: networkReason(error) }, 'The socket to ComfyUI failed.');
      });
      socket.once('close', () => {
        clearInterval(pings);
        this.#hopeless = !opened;
        this.#lost(socket);
        resolve(false);
      });
    });
  }

  #ping(socket: WebSocket): void {
    if (!this.#alive) {
      socket.terminate();
      return;
    }
    this.#alive = false;
    socket.ping();
  }

  #lost(socket: WebSocket): void {
    if (this.#socket === socket) {
      this.#socket = undefined;
    }
    this.#ref = () => undefined;
    this.#unref = () => undefined;
    this.#failures += 1;
    this.#options.listener.onDown();
    if (this.#holders > 0 && !this.#closed.signal.aborted) {
      // After the promise of this attempt has been let go.
      setImmediate(() => {
        if (this.#holders > 0) {
          void this.open();
        }
      });
    }
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.#alive = true;
    if (isBinary) {
      this.#options.listener.onBinary(data);
      return;
    }
    if (data.length > maxTextBytes) return;
    let message: unknown;
    try {
      message = parsePythonJson(data.toString('utf8'));
    } catch {
      return;
    }
    if (isRecord(message) && typeof message['type'] === 'string') {
      if (message['type'] === 'status') {
        this.#statusCount += 1;
      }
      this.#options.listener.onMessage(message['type'], isRecord(message['data']) ? message['data'] : {});
    }
  }
}
