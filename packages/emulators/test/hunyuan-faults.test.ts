/** Each fault, as a client sees it and as the ledger books it; and the control endpoint. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultInput, HunyuanEmulator } from '../src/index.ts';
import { ManualClock, startHunyuanEmulator } from '../src/index.ts';
import { accept, query, submit } from './support/signed-call.ts';

let clock: ManualClock;
let emulator: HunyuanEmulator;
beforeEach(async () => {
  clock = new ManualClock();
  emulator = await startHunyuanEmulator({ clock, limit: 50, jobMs: 1000, submitRate: 'off', queryRate: 'off' });
});
afterEach(async () => {
  expect(emulator.ledger.internalErrors).toEqual([]);
  await emulator.close();
});

/** The codes of an error and of all its causes. */
async function faultOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'none';
  } catch (error) {
    const parts: string[] = [];
    for (let at: unknown = error; at instanceof Error; at = at.cause)
      parts.push(at.name, 'code' in at ? String(at.code) : '', at.message);
    return parts.join(' ');
  }
}

async function finishedLink(): Promise<string> {
  const id = await accept(emulator);
  clock.advance(1000);
  const { response } = await query(emulator, id);
  return String([response['ResultImage']].flat()[0]);
}

async function download(url: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(url)).arrayBuffer());
}

describe('faults of a submission', () => {
  it('refuses with any code and text', async () => {
    emulator.setFaults([
      { kind: 'refuse', code: 'ResourceUnavailable.InArrears', operation: 'submit', nth: 1 },
      { kind: 'refuse', code: 'InternalError', message: 'odd', operation: 'submit', nth: 1 },
    ]);
    expect((await submit(emulator, {})).response.Error).toEqual({
      Code: 'ResourceUnavailable.InArrears',
      Message: '账号已欠费。',
    });
    expect((await submit(emulator, {})).response.Error).toBeUndefined();
    expect(emulator.ledger).toMatchObject({ submissions: 2, accepted: 1, refusals: 1, faults: { refuse: 1 } });
    expect(emulator.ledger.refusalsByCode).toEqual({ 'ResourceUnavailable.InArrears': 1 });
  });

  it.each<[string, FaultInput, number, RegExp]>([
    ['a reset before', { kind: 'reset-before-accept' }, 0, /ECONNRESET/],
    ['a reset after', { kind: 'reset-after-accept' }, 1, /ECONNRESET/],
    ['a cut answer', { kind: 'truncate', afterBytes: 10 }, 1, /terminated|UND_ERR_SOCKET|other side closed/],
    ['HTML', { kind: 'wrong-content' }, 0, /SyntaxError/],
    ['HTML after acceptance', { kind: 'wrong-content', accepted: true }, 1, /SyntaxError/],
    ['a restart', { kind: 'restart' }, 0, /ECONNRESET/],
  ])('%s', async (_name, fault, accepted, message) => {
    emulator.setFaults([{ ...fault, operation: 'submit' }]);
    expect(await faultOf(submit(emulator, {}))).toMatch(message);
    expect(emulator.ledger).toMatchObject({ submissions: 1, accepted, billed: accepted });
  });

  it('answers with a bare status, before or after acceptance', async () => {
    emulator.setFaults([
      { kind: 'http-status', status: 502, body: '{}', headers: { 'retry-after': '3' }, operation: 'submit' },
    ]);
    const answer = await fetch(emulator.url, {
      method: 'POST',
      headers: { 'X-TC-Action': 'SubmitTextToImageJob' },
      body: '{}',
    });
    expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([502, '3', '{}']);
    expect(emulator.ledger.accepted).toBe(0);
    emulator.setFaults([{ kind: 'http-status', status: 504, body: '{}', accepted: true, operation: 'submit' }]);
    expect((await submit(emulator, {})).status).toBe(504);
    expect(emulator.ledger.accepted).toBe(1);
  });

  it.each<[string, FaultInput, number]>([
    ['for ever, the work done', { kind: 'stall' }, 1],
    ['for ever, nothing done', { kind: 'stall', accepted: false }, 0],
    ['in the body', { kind: 'stall-body' }, 1],
  ])('stalls %s', async (_name, fault, accepted) => {
    emulator.setFaults([fault]);
    const abort = new AbortController();
    const work = faultOf(submit(emulator, {}, { signal: abort.signal }));
    while (emulator.ledger.submissions === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    expect(await work).toContain('AbortError');
    expect(emulator.ledger.accepted).toBe(accepted);
  });

  it('stalls for a time', async () => {
    emulator.setFaults([{ kind: 'stall', delayMs: 60_000, operation: 'submit' }]);
    let answered = false;
    const work = accept(emulator).finally(() => (answered = true));
    while (emulator.ledger.accepted === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(59_999);
    await fetch(`${emulator.url}/__ledger`);
    expect(answered).toBe(false);
    clock.advance(1);
    expect(await work).toMatch(/-0$/);
  });

  it('sends an answer slowly, and whole', async () => {
    emulator.setFaults([{ kind: 'drip', bytesPerSecond: 100, operation: 'submit' }]);
    const progress = { done: false };
    const work = accept(emulator).finally(() => (progress.done = true));
    while (!progress.done) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(50);
    }
    expect(await work).toMatch(/-0$/);
  });

  it('fails or loses the job, and lets by what does not match', async () => {
    emulator.setFaults([
      { kind: 'fail-job', code: 'FailedOperation.GenerateImageFailed', operation: 'submit', match: 'lamp' },
      { kind: 'lose-job', operation: 'submit', match: 'shelf' },
    ]);
    const [lamp, shelf, other] = [
      await accept(emulator, { Prompt: 'a lamp' }),
      await accept(emulator, { Prompt: 'a shelf' }),
      await accept(emulator, { Prompt: 'a cup' }),
    ];
    clock.advance(1000);
    expect((await query(emulator, lamp)).response).toMatchObject({
      JobStatusCode: '4',
      JobErrorCode: 'FailedOperation.GenerateImageFailed',
    });
    expect((await query(emulator, shelf)).response.Error?.Code).toBe('FailedOperation.JobNotExist');
    expect((await query(emulator, other)).response['JobStatusCode']).toBe('5');
    expect(emulator.ledger.entries.map(({ state }) => state)).toEqual(['failed', 'lost', 'succeeded']);
    expect(emulator.ledger.billed).toBe(3);
  });
});

describe('faults of a query', () => {
  it('refuses, fails, loses and restarts', async () => {
    const id = await accept(emulator);
    emulator.setFaults([
      {
        operation: 'query',
        script: [
          'pass',
          { kind: 'refuse', code: 'FailedOperation.ServerError' },
          { kind: 'fail-job', code: 'ServerError' },
        ],
      },
    ]);
    expect((await query(emulator, id)).response['JobStatusCode']).toBe('1');
    expect((await query(emulator, id)).response.Error?.Code).toBe('FailedOperation.ServerError');
    expect((await query(emulator, id)).response).toMatchObject({ JobStatusCode: '4', JobErrorCode: 'ServerError' });
    expect(emulator.ledger.refusals).toBe(0);
    emulator.setFaults([{ kind: 'lose-job', operation: 'query', match: id }]);
    expect((await query(emulator, id)).response.Error?.Code).toBe('FailedOperation.JobNotExist');

    const later = await accept(emulator);
    emulator.setFaults([{ kind: 'restart', operation: 'query' }]);
    expect(await faultOf(query(emulator, later))).toContain('ECONNRESET');
    emulator.setFaults([]);
    expect((await query(emulator, later)).response.Error?.Code).toBe('FailedOperation.JobNotExist');
    expect(emulator.ledger.entry(later)?.state).toBe('lost');
  });

  it('hands out a link that has expired', async () => {
    emulator.setFaults([{ kind: 'expire-url', operation: 'query' }]);
    expect((await fetch(await finishedLink())).status).toBe(403);
  });
});

describe('faults of a download', () => {
  it.each<[string, FaultInput, RegExp]>([
    ['reset', { kind: 'reset-before-accept' }, /ECONNRESET/],
    ['reset after', { kind: 'reset-after-accept' }, /ECONNRESET/],
    ['cut', { kind: 'truncate' }, /terminated|UND_ERR_SOCKET/],
  ])('%s', async (_name, fault, message) => {
    const url = await finishedLink();
    emulator.setFaults([{ ...fault, operation: 'download' }]);
    expect(await faultOf(download(url))).toMatch(message);
    expect(emulator.ledger.delivered).toBe(0);
    emulator.setFaults([]);
    expect((await download(url)).length).toBeGreaterThan(1000);
    expect(emulator.ledger.delivered).toBe(1);
  });

  it.each<[string, FaultInput, number, string]>([
    ['expired', { kind: 'expire-url' }, 403, 'AccessDenied'],
    ['gone', { kind: 'lose-job' }, 404, 'NoSuchKey'],
    ['refused', { kind: 'refuse', status: 503, code: 'SlowDown' }, 503, 'SlowDown'],
    ['bare', { kind: 'http-status', status: 500 }, 500, '500'],
    ['HTML', { kind: 'wrong-content' }, 200, 'It works!'],
  ])('%s', async (_name, fault, status, text) => {
    const url = await finishedLink();
    emulator.setFaults([{ ...fault, operation: 'download' }]);
    const response = await fetch(url);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(text);
    expect(emulator.ledger.delivered).toBe(0);
  });

  it('keeps pictures over a restart', async () => {
    const url = await finishedLink();
    await fetch(`${emulator.url}/__control`, { method: 'POST', body: '{"restart":true}' });
    expect((await fetch(url)).status).toBe(200);
  });
});

describe('control endpoint', () => {
  async function control(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${emulator.url}/__control`, { method: 'POST', body: JSON.stringify(body), headers });
  }

  it('changes faults and settings while running, and shows the ledger', async () => {
    const faults = [{ kind: 'refuse', code: 'InternalError', operation: 'submit' }];
    const answer = await control({ faults, limit: 3, settings: { slotTailMs: 7 } });
    expect(await answer.json()).toMatchObject({ faults, settings: { limit: 3, slotTailMs: 7, jobMs: 1000 } });
    expect((await submit(emulator, {})).response.Error?.Code).toBe('InternalError');
    const ledger = await (await fetch(`${emulator.url}/__ledger`)).json();
    expect(ledger).toMatchObject({ submissions: 1, refusals: 1, entries: [] });
    expect(await (await fetch(`${emulator.url}/__control`)).json()).toMatchObject({ faults });
  });

  it('restarts and resets', async () => {
    const id = await accept(emulator);
    expect((await control({ restart: true })).status).toBe(200);
    expect((await query(emulator, id)).response.Error?.Code).toBe('FailedOperation.JobNotExist');
    await control({ faults: [{ kind: 'stall' }], limit: 4 });
    expect(await (await fetch(`${emulator.url}/__reset`, { method: 'POST' })).json()).toEqual({ reset: true });
    expect(emulator.ledger.snapshot()).toMatchObject({ submissions: 0, accepted: 0, entries: [] });
    expect(emulator.settings.limit).toBe(4);
    await accept(emulator);
  });

  it('says what is wrong with a request', async () => {
    const error = async (body: unknown): Promise<unknown> => {
      const answer: unknown = await (await control(body)).json();
      return typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined;
    };
    expect(await error([])).toBe('send a JSON object');
    expect(await error({ fault: [] })).toContain('unknown field fault');
    expect(await error({ faults: [{ kind: 'boom' }] })).toContain('faults[0].kind must be one of');
    expect(await error({ settings: { limits: 1 } })).toContain('unknown setting limits');
    expect((await fetch(`${emulator.url}/__else`)).status).toBe(404);
    expect((await control({ limit: 9 }, { origin: 'http://example.com' })).status).toBe(403);
    expect(emulator.settings.limit).toBe(50);
  });

  it('ends stalled connections and forgets its port on close', async () => {
    emulator.setFaults([{ kind: 'stall' }]);
    const work = faultOf(submit(emulator, {}));
    while (emulator.ledger.submissions === 0) await new Promise((resolve) => setImmediate(resolve));
    await emulator.close();
    expect(await work).not.toBe('none');
    expect(await faultOf(fetch(emulator.url))).toContain('ECONNREFUSED');
    await emulator.close();
  });
});
