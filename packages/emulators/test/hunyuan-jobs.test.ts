/** A job's way: slots, states, pictures and their links, on a clock that the test moves. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { readImageHeader } from '../src/base/image-header.ts';
import type { HunyuanEmulator, HunyuanEmulatorOptions } from '../src/index.ts';
import { ManualClock, paintPng, startHunyuanEmulator } from '../src/index.ts';
import { decodePng } from './support/decode-png.ts';
import { accept, query, submit } from './support/signed-call.ts';

let clock: ManualClock;
let emulator: HunyuanEmulator;
afterEach(() => emulator.close());

async function start(options: HunyuanEmulatorOptions = {}): Promise<void> {
  clock = new ManualClock();
  emulator = await startHunyuanEmulator({ clock, jobMs: 1000, submitRate: 'off', queryRate: 'off', ...options });
}

async function linkOf(id: string): Promise<string> {
  const { response } = await query(emulator, id);
  const links = response['ResultImage'];
  if (!Array.isArray(links) || typeof links[0] !== 'string') throw new Error(JSON.stringify(response));
  return links[0];
}

describe('slots', () => {
  it('refuses, at once and free of charge, more jobs than the limit', async () => {
    await start({ limit: 2 });
    await accept(emulator);
    await accept(emulator);
    const { response } = await submit(emulator, {});
    expect(response.Error).toEqual({
      Code: 'RequestLimitExceeded.JobNumExceed',
      Message: '当前已达到2个任务上限，请稍后重试',
    });
    expect(emulator.ledger).toMatchObject({ submissions: 3, accepted: 2, billed: 2, refusals: 1, maxConcurrent: 2 });
  });

  it('keeps a slot taken for the tail after the job is done', async () => {
    await start({ slotTailMs: 500 });
    const id = await accept(emulator);
    clock.advance(1000);
    expect((await query(emulator, id)).response['JobStatusCode']).toBe('5');
    expect((await submit(emulator, {})).response.Error?.Code).toBe('RequestLimitExceeded.JobNumExceed');
    clock.advance(499);
    expect((await submit(emulator, {})).response.Error?.Code).toBe('RequestLimitExceeded.JobNumExceed');
    clock.advance(1);
    await accept(emulator);
    expect(emulator.ledger.maxConcurrent).toBe(1);
  });

  it('counts per account, over all its credentials, and follows a changed limit', async () => {
    await start({
      accounts: [
        { secretId: 'AKIDSECOND', secretKey: 'k2', account: 'studio', limit: 1 },
        { secretId: 'AKIDTHIRD', secretKey: 'k3', account: 'studio', limit: 1 },
      ],
    });
    await accept(emulator);
    const second = { secretId: 'AKIDSECOND', secretKey: 'k2' };
    const third = { secretId: 'AKIDTHIRD', secretKey: 'k3' };
    expect((await submit(emulator, {}, second)).response.Error).toBeUndefined();
    expect((await submit(emulator, {}, third)).response.Error?.Code).toBe('RequestLimitExceeded.JobNumExceed');
    emulator.set({ limit: 2 });
    await accept(emulator);
    expect((await submit(emulator, {})).response.Error?.Message).toContain('2个任务上限');
  });
});

describe('states', () => {
  it('goes from "1" over "2" to "5", as text', async () => {
    await start();
    const id = await accept(emulator, { Prompt: '雨中竹林' });
    expect(id).toMatch(/^\d{10}-\d{10}-[0-9a-f-]{36}-0$/);
    const waiting = (await query(emulator, id)).response;
    expect(waiting).toEqual({
      JobStatusCode: '1',
      JobStatusMsg: '排队中',
      JobErrorCode: '',
      JobErrorMsg: '',
      ResultImage: [],
      ResultDetails: [],
      RevisedPrompt: [],
      RequestId: waiting['RequestId'],
    });
    clock.advance(100);
    expect((await query(emulator, id)).response).toMatchObject({ JobStatusCode: '2', JobStatusMsg: '处理中' });
    clock.advance(900);
    expect((await query(emulator, id)).response).toMatchObject({
      JobStatusCode: '5',
      JobStatusMsg: '处理完成',
      ResultDetails: ['Success'],
      RevisedPrompt: ['雨中竹林'],
    });
    expect(emulator.ledger.polls).toBe(3);
    expect(emulator.ledger.entry(id)?.state).toBe('succeeded');
  });

  it.each([
    ['empty', { ResultImage: [], ResultDetails: [], RevisedPrompt: [] }],
    ['null', { ResultImage: null, ResultDetails: null, RevisedPrompt: null }],
    ['absent', {}],
  ] as const)('shows %s lists before the picture is there', async (emptyArrays, lists) => {
    await start({ emptyArrays });
    const { response } = await query(emulator, await accept(emulator));
    const found = Object.fromEntries(
      Object.entries(response).filter(([name]) => name in lists || name.startsWith('Re')),
    );
    expect(found).toEqual({ ...lists, RequestId: response['RequestId'] });
  });

  it('fails a picture that does not pass the review, as a successful call', async () => {
    await start();
    const id = await accept(emulator, { Prompt: 'x __illegal_output__' });
    clock.advance(1000);
    const { response } = await query(emulator, id);
    expect(response.Error).toBeUndefined();
    expect(response).toMatchObject({
      JobStatusCode: '4',
      JobStatusMsg: '处理失败',
      JobErrorCode: 'OperationDenied.ImageIllegalDetected',
      ResultImage: [],
    });
  });

  it('rewrites the prompt by default: longer, other words, without the seed', async () => {
    await start({ limit: 9, rewriteMs: 2000 });
    const id = await accept(emulator, { Prompt: '猫', Revise: 1, Seed: 7 });
    const byDefault = await accept(emulator, { Prompt: '猫', Revise: undefined, Seed: 7 });
    const plain = await accept(emulator, { Prompt: '猫', Seed: 7 });
    clock.advance(1000);
    expect((await query(emulator, id)).response['JobStatusCode']).toBe('2');
    expect((await query(emulator, plain)).response['JobStatusCode']).toBe('5');
    clock.advance(2000);
    for (const revised of [id, byDefault]) {
      const { response } = await query(emulator, revised);
      expect(response['RevisedPrompt']).toEqual([expect.stringMatching(/^猫.{5,}/)]);
      expect(emulator.ledger.entry(revised)?.seed).not.toBe(7);
    }
    expect(emulator.ledger.entry(plain)?.seed).toBe(7);
  });

  it('draws lognormal durations from its seed', async () => {
    const durations = async (): Promise<number[]> => {
      await start({ limit: 99, jobMs: { medianMs: 1000, sigma: 0.5 }, randomSeed: 5 });
      const ids = [await accept(emulator), await accept(emulator), await accept(emulator)];
      const ends = new Map<string, number>();
      for (let elapsed = 0; ends.size < ids.length; elapsed += 50, clock.advance(50))
        for (const id of ids)
          if (!ends.has(id) && (await query(emulator, id)).response['JobStatusCode'] === '5') ends.set(id, elapsed);
      return ids.map((id) => ends.get(id) ?? 0);
    };
    const first = await durations();
    await emulator.close();
    expect(await durations()).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
  });
});

describe('pictures', () => {
  it('serves the picture of the job once it is done', async () => {
    await start();
    const id = await accept(emulator, { Prompt: '单个物体：台灯', Resolution: '768:1280', Seed: 11, LogoAdd: 0 });
    clock.advance(1000);
    const url = await linkOf(id);
    expect(url.startsWith(`${emulator.url}/out/`)).toBe(true);
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('image/png');
    const file = Buffer.from(await response.arrayBuffer());
    const png = decodePng(file);
    expect(png).toMatchObject({ width: 768, height: 1280, channels: 3 });
    expect(png.text).toMatchObject({ Description: '单个物体：台灯', Seed: '11' });
    expect(emulator.ledger).toMatchObject({ delivered: 1 });
    await (await fetch(url)).arrayBuffer();
    expect(emulator.ledger).toMatchObject({ delivered: 1 });
    expect(emulator.ledger.entry(id)).toMatchObject({ deliveries: 2, billed: 1 });
  });

  it('answers HEAD and Range', async () => {
    await start();
    const id = await accept(emulator);
    clock.advance(1000);
    const url = await linkOf(id);
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    const head = await fetch(url, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(whole.length));
    const part = async (range: string): Promise<{ status: number; range: string | null; bytes: Buffer }> => {
      const response = await fetch(url, { headers: { range } });
      const bytes = Buffer.from(await response.arrayBuffer());
      return { status: response.status, range: response.headers.get('content-range'), bytes };
    };
    const length = whole.length;
    expect(await part('bytes=0-99')).toEqual({
      status: 206,
      range: `bytes 0-99/${length}`,
      bytes: whole.subarray(0, 100),
    });
    expect((await part('bytes=100-')).bytes.equals(whole.subarray(100))).toBe(true);
    expect((await part('bytes=-5')).bytes.equals(whole.subarray(-5))).toBe(true);
    expect((await part(`bytes=${length}-`)).status).toBe(416);
  });

  it('ends a link after an hour, in the words of the object store', async () => {
    await start();
    const id = await accept(emulator);
    clock.advance(1000);
    const url = await linkOf(id);
    clock.advance(3_599_000);
    expect((await fetch(url)).status).toBe(200);
    clock.advance(3000);
    const expired = await fetch(url);
    expect(expired.status).toBe(403);
    expect(expired.headers.get('content-type')).toBe('application/xml');
    expect(await expired.text()).toContain('<Code>AccessDenied</Code>');
    expect(await linkOf(id)).toBe(url);
    emulator.set({ resignUrls: true });
    expect((await fetch(await linkOf(id))).status).toBe(200);
  });

  it('refuses links that it did not sign', async () => {
    await start();
    const id = await accept(emulator);
    clock.advance(1000);
    const url = await linkOf(id);
    const text = async (link: string): Promise<string> => (await fetch(link)).text();
    expect(await text(url.replace(/q-signature=.*/, 'q-signature=00'))).toContain('SignatureDoesNotMatch');
    expect(await text(url.replace(/\?.*/, ''))).toContain('AccessDenied');
    expect(await text(url.replace('/0.png', '/1.png'))).toContain('SignatureDoesNotMatch');
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });

  it('paints a watermark by default', async () => {
    await start({ limit: 9 });
    const ids = [
      await accept(emulator, { LogoAdd: 0, Seed: 5 }),
      await accept(emulator, { Seed: 5 }),
      await accept(emulator, { LogoAdd: 3, Seed: 5 }),
    ];
    clock.advance(1000);
    const hashes: string[] = [];
    for (const id of ids) {
      const bytes = Buffer.from(await (await fetch(await linkOf(id))).arrayBuffer());
      hashes.push(createHash('sha256').update(decodePng(bytes).pixels).digest('hex'));
    }
    expect(hashes[1]).toBe(hashes[2]);
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it.each([
    ['1024:768', 800, 600, 1182, 887],
    ['1024:1024', 1024, 1000, 1036, 1012],
    ['1024:1024', 1600, 900, 1280, 720],
    ['1024:1024', 300, 1200, 512, 2048],
  ])('follows the shape of a reference (asked %s, reference %i x %i)', async (Resolution, w, h, width, height) => {
    await start();
    const reference = paintPng({ width: w, height: h, prompt: 'x', seed: 1 }).toString('base64');
    const id = await accept(emulator, { Resolution, Images: [reference] });
    clock.advance(1000);
    const bytes = new Uint8Array(await (await fetch(await linkOf(id))).arrayBuffer());
    expect(readImageHeader(bytes)).toEqual({ format: 'png', width, height });
  });

  it('makes pictures of another size and length for measurements', async () => {
    await start({ outputSize: { width: 64, height: 64 }, imageBytes: 100_000 });
    const id = await accept(emulator);
    clock.advance(1000);
    const bytes = new Uint8Array(await (await fetch(await linkOf(id))).arrayBuffer());
    expect(bytes.length).toBe(100_000);
    expect(readImageHeader(bytes)).toMatchObject({ width: 64, height: 64 });
  });
});
