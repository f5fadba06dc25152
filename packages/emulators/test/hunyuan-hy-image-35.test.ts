/** Hy-Image 3.5: one POST that stays open until the picture is drawn; sizes that are bent; a history that the client keeps. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readImageHeader } from '../src/base/image-header.ts';
import type { HunyuanEmulator } from '../src/index.ts';
import { ManualClock, startHunyuanEmulator } from '../src/index.ts';

const hourMs = 3_600_000;
let clock: ManualClock;
let emulator: HunyuanEmulator;
beforeEach(async () => {
  clock = new ManualClock();
  emulator = await startHunyuanEmulator({ clock, jobMs: 0, submitRate: 'off' });
});
afterEach(async () => {
  expect(emulator.ledger.internalErrors).toEqual([]);
  await emulator.close();
});

interface Body {
  readonly choices?: readonly [
    {
      readonly finish_reason: string | null;
      readonly delta: { readonly image?: { readonly url: string; readonly width: number; readonly height: number } };
    },
  ];
  readonly assembled_history?: readonly Turn[];
  readonly error?: { readonly code: string };
  readonly usage?: unknown;
  readonly tokenhub_usage?: { readonly total_tokens: number };
}

interface Turn {
  readonly role: string;
  readonly content: readonly { readonly text?: string; readonly image_url?: { readonly url: string } }[];
}

const user = (text: string): Turn => ({ role: 'user', content: [{ text }] });

async function draw(
  fields: object = {},
  messages: readonly Turn[] = [user('猫')],
): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${emulator.url}/v1/wand/hunyuan-image/v35-generation`, {
    method: 'POST',
    headers: { authorization: `Bearer ${emulator.credentials.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'hy-image-v3.5-preview', messages, size: '256x256', ...fields }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

const urlOf = ({ body }: { readonly body: Body }): string => body.choices?.[0].delta.image?.url ?? '';
const bytesOf = async (url: string): Promise<Buffer> => Buffer.from(await (await fetch(url)).arrayBuffer());

describe('Hy-Image 3.5', () => {
  it('answers once the picture is drawn, with no finish reason and with the tokens of its tier', async () => {
    emulator.set({ jobMs: 40_000 });
    let isAnswered = false;
    const answer = draw().finally(() => (isAnswered = true));
    await expect.poll(() => emulator.ledger.accepted).toBe(1);
    clock.advance(39_999);
    expect(isAnswered).toBe(false);
    clock.advance(1);
    const { status, body } = await answer;
    expect(status).toBe(200);
    expect(body.choices?.[0].finish_reason).toBeNull();
    expect(body.usage).toBeUndefined();
    expect(body.tokenhub_usage).toEqual({ total_tokens: 15_000 });
    emulator.set({ usageFields: 'both', jobMs: 0 });
    expect((await draw()).body.usage).toEqual({ total_tokens: 15_000 });
  });

  it.each([
    ['100x100', 256, 256, 15_000],
    ['1000x767', 992, 752, 15_000],
    ['2048x2048', 2048, 2048, 15_000],
    ['2064x2048', 2064, 2048, 20_000],
    [undefined, 1536, 1536, 15_000],
  ])('bends the size %s and refuses none', async (size, width, height, tokens) => {
    const { body } = await draw({ size });
    expect(body.choices?.[0].delta.image).toMatchObject({ width, height });
    expect(body.tokenhub_usage?.total_tokens).toBe(tokens);
  });

  it('may claim another size than its file has', async () => {
    emulator.set({ reportedSize: { width: 512, height: 512 } });
    const answer = await draw();
    expect(answer.body.choices?.[0].delta.image).toMatchObject({ width: 512, height: 512 });
    expect(readImageHeader(await bytesOf(urlOf(answer)))).toMatchObject({ width: 256, height: 256 });
  });

  it('draws the last message of the user; all others change how it looks', async () => {
    const first = await draw();
    const history = [user('猫'), ...(first.body.assembled_history ?? [])];
    const second = await draw({}, [...history, user('给它戴上帽子')]);
    expect(second.status).toBe(200);
    expect(emulator.ledger.entries.map(({ prompt }) => prompt)).toEqual(['猫', '给它戴上帽子']);
    const alone = await draw({}, [user('给它戴上帽子')]);
    expect(await bytesOf(urlOf(second))).not.toEqual(await bytesOf(urlOf(alone)));
    // A message after the instruction is history, too.
    await draw({}, [user('狗'), { role: 'assistant', content: [{ text: 'I draw it.' }] }]);
    expect(emulator.ledger.entries.at(-1)?.prompt).toBe('狗');
    expect((await draw({}, [{ role: 'assistant', content: [{ text: '猫' }] }])).status).toBe(400);
  });

  it('has an intermediate picture in the history, which is not the result', async () => {
    const answer = await draw();
    const parts = answer.body.assembled_history?.flatMap(({ content }) => content) ?? [];
    const trap = parts.find(({ image_url: image }) => image !== undefined)?.image_url?.url ?? '';
    expect(trap).not.toBe(urlOf(answer));
    expect(await bytesOf(trap)).not.toEqual(await bytesOf(urlOf(answer)));
  });

  it('takes a second turn with a session and without', async () => {
    const { body } = await draw({ session: 'holo' });
    const messages = [user('猫'), ...(body.assembled_history ?? []), user('再来一张')];
    expect((await draw({ session: 'holo' }, messages)).status).toBe(200);
    expect((await draw({}, messages)).status).toBe(200);
  });

  it('serves a link for 12 hours; what an older link in the history leads to is a setting', async () => {
    const answer = await draw();
    const messages = [user('猫'), ...(answer.body.assembled_history ?? []), user('再来一张')];
    clock.advance(12 * hourMs - 1000);
    expect((await fetch(urlOf(answer))).status).toBe(200);
    clock.advance(2000);
    expect((await fetch(urlOf(answer))).status).toBe(403);
    expect((await draw({}, messages)).body.error).toBeUndefined();
    emulator.set({ expiredHistory: 'refuse' });
    expect(await draw({}, messages)).toMatchObject({ status: 200, body: { error: { code: '400' } } });
    expect(emulator.ledger.accepted).toBe(2);
  });

  it('refuses an unknown field, or ignores it', async () => {
    expect((await draw({ quality: 'high' })).status).toBe(400);
    emulator.set({ unknownFields: 'ignore' });
    expect((await draw({ quality: 'high' })).status).toBe(200);
  });

  it('judges the body before the money, and bills a picture whose answer is cut', async () => {
    emulator.setFaults([{ kind: 'refuse', code: '401007', operation: 'submit' }]);
    expect((await draw({ seed: 'x' })).status).toBe(400);
    expect((await draw()).status).toBe(402);
    expect(emulator.ledger.billed).toBe(0);
    emulator.setFaults([{ kind: 'reset-after-accept', operation: 'submit' }]);
    await expect(draw()).rejects.toThrow();
    expect(emulator.ledger).toMatchObject({ accepted: 1, billed: 1, delivered: 0 });
  });
});
