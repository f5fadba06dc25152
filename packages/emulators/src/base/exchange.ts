/**
 * One request and its answer on a raw node:http socket, with the ways in which an answer can go wrong.
 *
 * ```ts
 * const fault = plan.take('submit', prompt);
 * if (await exchange.strikeBefore(fault)) return;      // reset, stall, bare status, HTML: nothing was done
 * const job = accept(...);
 * await exchange.reply({ status: 200, headers, body }, fault);  // reset, stall, drip, truncate: the work was done
 * ```
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import type { FaultEffect } from './fault.ts';

/** An answer, whole. */
export interface Reply {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
}

const htmlPage =
  '<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>It works!</h1><p>This page comes from an emulator.</p></body></html>';

export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The request's URL; its origin is the emulator's own. */
  readonly url: URL;
  /** Aborted when the client hangs up or the emulator closes. */
  readonly signal: AbortSignal;
  readonly #clock: Clock;

  constructor(request: IncomingMessage, response: ServerResponse, origin: string, clock: Clock) {
    this.request = request;
    this.response = response;
    this.url = new URL(origin + (request.url?.startsWith('/') === true ? request.url : '/'));
    this.#clock = clock;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    this.signal = gone.signal;
  }

  /** The request's body; `undefined` when it is longer than `limitBytes` (the rest is read and thrown away). */
  async readBody(limitBytes: number = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= limitBytes) chunks.push(chunk);
      else chunks.length = 0;
    }
    return length > limitBytes ? undefined : Buffer.concat(chunks);
  }

  /** Resets the connection (RST): the client sees ECONNRESET. */
  reset(): void {
    const { socket } = this.request;
    if ('resetAndDestroy' in socket) socket.resetAndDestroy();
  }

  /** Waits on the emulator's clock; returns early when the client hangs up. */
  async wait(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.signal);
  }

  /** Waits until the client hangs up or the emulator closes. */
  async untilGone(): Promise<void> {
    if (this.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Lets a fault strike that leaves the work undone. `true`: the exchange is over. */
  async strikeBefore(fault: FaultEffect<string> | undefined): Promise<boolean> {
    switch (fault?.kind) {
      case 'reset-before-accept':
        this.reset();
        return true;
      case 'stall':
        if (fault.accepted !== false) return false;
        if (fault.delayMs === undefined) await this.untilGone();
        else await this.wait(fault.delayMs);
        if (!this.signal.aborted) this.reset();
        return true;
      case 'http-status':
      case 'wrong-content':
        if (fault.accepted === true) return false;
        await this.#send(substitute(fault));
        return true;
      default:
        return false;
    }
  }

  /** Answers, and lets a fault strike the answer. `true`: the whole of `reply` was handed to the network. */
  async reply(reply: Reply, fault?: FaultEffect<string>): Promise<boolean> {
    switch (fault?.kind) {
      case 'reset-after-accept':
        this.reset();
        return false;
      case 'stall':
        if (fault.delayMs === undefined) {
          await this.untilGone();
          return false;
        }
        await this.wait(fault.delayMs);
        return this.#send(reply);
      case 'http-status':
      case 'wrong-content':
        await this.#send(substitute(fault));
        return false;
      case 'truncate':
      case 'stall-body':
        return this.#sendPart(reply, fault);
      case 'drip':
        return this.#drip(reply, fault.bytesPerSecond ?? 1024);
      default:
        return this.#send(reply);
    }
  }

  /** Answers 200 with a body of unknown length; a fault strikes it after `afterBytes`, by default after the first piece. */
  async replyInPieces(
    headers: Readonly<Record<string, string>>,
    pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
    fault?: FaultEffect<string>,
  ): Promise<boolean> {
    const strikes = ['truncate', 'stall-body', 'reset-after-accept'].includes(fault?.kind ?? '');
    const limit = strikes ? (fault?.afterBytes ?? 1) : Number.POSITIVE_INFINITY;
    this.response.writeHead(200, headers);
    this.response.flushHeaders();
    let sent = 0;
    for await (const piece of pieces) {
      if (this.signal.aborted) return false;
      const part = piece.subarray(0, fault?.afterBytes === undefined ? undefined : limit - sent);
      if (!this.response.write(part))
        await once(this.response, 'drain', { signal: this.signal }).catch(() => undefined);
      sent += part.length;
      if (sent < limit) continue;
      if (fault?.kind === 'stall-body') await this.untilGone();
      else if (fault?.kind === 'truncate') this.request.socket.destroySoon();
      else this.reset();
      return false;
    }
    if (this.signal.aborted) return false;
    this.response.end();
    return true;
  }

  #start(reply: Reply): Buffer {
    const body = Buffer.from(reply.body ?? '');
    this.response.writeHead(reply.status, { 'content-length': String(body.length), ...reply.headers });
    return body;
  }

  async #send(reply: Reply): Promise<boolean> {
    if (this.signal.aborted) return false;
    const body = this.#start(reply);
    const isHead = this.request.method === 'HEAD';
    return new Promise((resolve) => {
      this.response.once('finish', () => resolve(true));
      this.response.once('close', () => resolve(this.response.writableFinished));
      if (isHead) this.response.end();
      else this.response.end(body);
    });
  }

  async #sendPart(reply: Reply, fault: FaultEffect<string>): Promise<boolean> {
    if (this.signal.aborted) return false;
    const body = this.#start(reply);
    const part = body.subarray(0, fault.afterBytes ?? Math.floor(body.length / 2));
    this.response.flushHeaders();
    if (part.length > 0) await new Promise<void>((resolve) => void this.response.write(part, () => resolve()));
    if (fault.kind === 'truncate') this.request.socket.destroySoon();
    else await this.untilGone();
    return false;
  }

  async #drip(reply: Reply, bytesPerSecond: number): Promise<boolean> {
    if (this.signal.aborted) return false;
    const body = this.#start(reply);
    this.response.flushHeaders();
    const chunk = Math.max(1, Math.round(bytesPerSecond / 20));
    for (let at = 0; at < body.length && !this.signal.aborted; at += chunk) {
      this.response.write(body.subarray(at, at + chunk));
      await this.wait((1000 * chunk) / bytesPerSecond);
    }
    if (this.signal.aborted) return false;
    this.response.end();
    return true;
  }
}

function substitute(fault: FaultEffect<string>): Reply {
  const status = fault.kind === 'http-status' ? (fault.status ?? 503) : 200;
  const body = fault.body ?? (fault.kind === 'http-status' ? `<html><body>${status}</body></html>` : htmlPage);
  return { status, headers: { 'content-type': 'text/html; charset=utf-8', ...fault.headers }, body };
}
