/**
 * The control endpoint of each emulator, for tests in any language and for changes while a client is running.
 *
 * | request | does |
 * |---|---|
 * | `POST /__control` `{ "faults": [...], "settings": {...}, "limit": 2, "restart": true }` | each field is optional |
 * | `GET /__control` | the faults and settings in force |
 * | `GET /__ledger` | the ledger |
 * | `POST /__reset` | forgets jobs, faults and figures; settings stay |
 *
 * Web pages cannot reach it: a request with an `Origin` header is refused.
 */
import type { Socket } from 'node:net';
import type { Exchange } from './exchange.ts';
import { isRecord } from './is-record.ts';
import type { Ledger } from './ledger.ts';

/** What the control endpoint acts upon. */
export interface ControlTarget {
  readonly ledger: Ledger;
  readonly faults: { readonly rules: readonly unknown[]; setUnknown(faults: unknown): void };
  /** The settings in force. */
  settings(): Record<string, unknown>;
  /** Changes settings. @throws {TypeError} for one that is unknown or has a wrong value. */
  set(settings: Record<string, unknown>): void;
  /** Forgets every job and drops every connection but `except`, as a crash of the service would. */
  restart(except?: Socket): void;
  /** Forgets every job; the base resets ledger and faults. */
  reset(): void;
}

export async function handleControl(exchange: Exchange, target: ControlTarget): Promise<void> {
  const { method, headers } = exchange.request;
  const route = `${method} ${exchange.url.pathname}`;
  const body = await exchange.readBody(10_000_000);
  const answer = (status: number, content: unknown): Promise<boolean> =>
    exchange.reply({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(content) });
  if (headers.origin !== undefined) {
    await answer(403, { error: 'The control endpoint does not answer web pages.' });
  } else if (route === 'GET /__ledger') {
    await answer(200, target.ledger.snapshot());
  } else if (route === 'GET /__control') {
    await answer(200, { faults: target.faults.rules, settings: target.settings() });
  } else if (route === 'POST /__reset') {
    target.reset();
    target.faults.setUnknown([]);
    target.ledger.reset();
    await answer(200, { reset: true });
  } else if (route === 'POST /__control') {
    try {
      const restart = applyControl(JSON.parse(body?.toString('utf8') ?? '{}'), target);
      if (restart) target.restart(exchange.request.socket);
      await answer(200, { faults: target.faults.rules, settings: target.settings() });
    } catch (error) {
      await answer(400, { error: error instanceof Error ? error.message : String(error) });
    }
  } else {
    await answer(404, { error: 'Use POST /__control, GET /__control, GET /__ledger or POST /__reset.' });
  }
}

function applyControl(body: unknown, target: ControlTarget): boolean {
  if (!isRecord(body)) throw new TypeError('send a JSON object');
  const { faults, settings = {}, limit, restart, ...unknown } = body;
  const [stray] = Object.keys(unknown);
  if (stray !== undefined) throw new TypeError(`unknown field ${stray}; use faults, settings, limit, restart`);
  if (!isRecord(settings)) throw new TypeError('settings must be an object');
  const changed = { ...settings, ...(limit === undefined ? {} : { limit }) };
  if (Object.keys(changed).length > 0) target.set(changed);
  if (faults !== undefined) target.faults.setUnknown(faults);
  return restart === true;
}
