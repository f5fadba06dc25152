import { describe, expect, it } from 'vitest';
import { paintPng } from '../src/index.ts';
import { call, clock, emulator, useOpenAIEmulator } from './support/openai-caller.ts';

useOpenAIEmulator();

interface Line {
  readonly custom_id: string;
  readonly response: { readonly status_code: number; readonly body: { readonly data: { b64_json: string }[] } } | null;
  readonly error: { readonly code: string } | null;
}

async function upload(content: string | Buffer, purpose = 'batch', name = 'input.jsonl'): Promise<string> {
  const form = new FormData();
  form.append('purpose', purpose);
  form.append('expires_after[anchor]', 'created_at');
  form.append('expires_after[seconds]', '3600');
  form.append('file', new Blob([typeof content === 'string' ? content : new Uint8Array(content)]), name);
  const { json } = await call('/files', { method: 'POST', body: form });
  return (json as unknown as { id: string }).id;
}

const line = (id: string, prompt: string, body: object = {}, url = '/v1/images/generations'): string =>
  JSON.stringify({ custom_id: id, method: 'POST', url, body: { model: 'gpt-image-2', prompt, ...body } });

async function create(fileId: string, endpoint = '/v1/images/generations'): ReturnType<typeof call> {
  return call('/batches', {
    method: 'POST',
    body: JSON.stringify({ input_file_id: fileId, endpoint, completion_window: '24h', metadata: { key: 'k' } }),
  });
}

interface BatchView {
  readonly id: string;
  readonly status: string;
  readonly output_file_id: string | null;
  readonly error_file_id: string | null;
  readonly errors: { readonly data: { readonly code: string; readonly line: number | null }[] } | null;
  readonly request_counts: object;
}

async function look(id: string): Promise<BatchView> {
  return (await call(`/batches/${id}`)).json as unknown as BatchView;
}

async function linesOf(fileId: string | null): Promise<Line[]> {
  const { text } = await call(`/files/${fileId}/content`);
  return text
    .split('\n')
    .filter((part) => part !== '')
    .map((part) => JSON.parse(part) as Line);
}

async function started(...lines: string[]): Promise<string> {
  return ((await create(await upload(lines.join('\n')))).json as unknown as BatchView).id;
}

describe('batches', () => {
  it('runs through its states and answers every line, refusals in the error file', async () => {
    const id = await started(line('a', 'a lamp'), line('b', '__illegal__'), line('c', 'a vase', { n: 2 }));
    expect((await look(id)).status).toBe('validating');
    clock.advance(1000);
    expect((await look(id)).status).toBe('in_progress');
    clock.advance(1000);
    const batch = await look(id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 3, completed: 2, failed: 1 } });
    const good = await linesOf(batch.output_file_id);
    expect(good.map(({ custom_id: name }) => name).toSorted()).toEqual(['a', 'c']);
    expect(good.find(({ custom_id: name }) => name === 'c')?.response?.body.data).toHaveLength(2);
    expect(await linesOf(batch.error_file_id)).toMatchObject([{ custom_id: 'b', response: { status_code: 400 } }]);
    expect(emulator.ledger).toMatchObject({ accepted: 2, billed: 3, delivered: 3 });
    expect(emulator.ledger.entries.map(({ priceShare }) => priceShare)).toEqual([0.5, 0.5]);
    // The same pictures come again.
    expect(await linesOf(batch.output_file_id)).toEqual(good);
  });

  it.each([
    ['not json', 'invalid_json_line', 1],
    [`${line('a', 'x')}\n${line('a', 'y')}`, 'duplicate_custom_id', 2],
    [line('a', 'x', {}, '/v1/images/edits'), 'invalid_url', 1],
    [`${line('a', 'x')}\n${line('b', 'x', { model: 'gpt-image-1.5' })}`, 'mismatched_model', null],
    ['', 'empty_file', null],
  ])('fails in validation: %s', async (content, code, at) => {
    const id = await started(content);
    clock.advance(2000);
    const batch = await look(id);
    expect(batch).toMatchObject({ status: 'failed', output_file_id: null, error_file_id: null });
    expect(batch.errors?.data[0]).toMatchObject({ code, line: at });
    expect(emulator.ledger.accepted).toBe(0);
  });

  it('keeps what was made when it is cancelled or expires, and charges for that alone', async () => {
    const prompts = Array.from({ length: 10 }, (_, index) => line(`k${index}`, 'a lamp'));
    const cancelled = await started(...prompts);
    clock.advance(1000);
    await call(`/batches/${cancelled}/cancel`, { method: 'POST' });
    expect((await look(cancelled)).status).toBe('cancelling');
    clock.advance(1000);
    const batch = await look(cancelled);
    expect(batch.status).toBe('cancelled');
    const made = await linesOf(batch.output_file_id);
    const left = await linesOf(batch.error_file_id);
    expect(made.length).toBeGreaterThan(0);
    expect(made.length + left.length).toBe(10);
    expect(left[0]).toMatchObject({ response: null, error: { code: 'batch_cancelled' } });
    expect(emulator.ledger.billed).toBe(made.length);
    emulator.set({ batchLifeMs: 500 });
    const expired = await started(...prompts);
    clock.advance(600);
    const end = await look(expired);
    expect(end.status).toBe('expired');
    expect((await linesOf(end.error_file_id))[0]?.error?.code).toBe('batch_expired');
    emulator.set({ batchLifeMs: 86_400_000 });
  });

  it('edits an uploaded picture, and refuses one that is not there', async () => {
    const picture = paintPng({ width: 64, height: 64, prompt: 'x', seed: 1 });
    const image = await upload(picture, 'vision', 'room.png');
    const edits = '/v1/images/edits';
    const input = [
      line('a', 'blue', { images: [{ file_id: image }] }, edits),
      line('b', 'blue', { images: [{ file_id: 'file-none' }] }, edits),
    ];
    const { json } = await create(await upload(input.join('\n')), edits);
    clock.advance(2000);
    const batch = await look((json as unknown as BatchView).id);
    expect(await linesOf(batch.output_file_id)).toMatchObject([{ custom_id: 'a' }]);
    expect(await linesOf(batch.error_file_id)).toMatchObject([{ custom_id: 'b' }]);
  });

  it('lists the newest first, late where a list lags, and each batch of one file is charged', async () => {
    const file = await upload(line('a', 'a lamp'));
    await create(file);
    emulator.set({ listLagMs: 1000 });
    const list = async (): Promise<{ id: string; input_file_id: string }[]> =>
      ((await call('/batches?limit=100')).json as unknown as { data: { id: string; input_file_id: string }[] }).data;
    expect(await list()).toEqual([]);
    clock.advance(1000);
    await create(file);
    clock.advance(1000);
    const ids = (await list()).map(({ id }) => id);
    expect(ids).toEqual(emulator.batches.map(({ id }) => id).toReversed());
    expect((await call(`/batches?limit=1&after=${ids[0]}`)).text).toContain(ids[1]);
    expect(emulator.ledger.billed).toBe(2);
    emulator.set({ listLagMs: 0 });
  });

  it('forgets a file when it is deleted or its time is over', async () => {
    const [kept, gone] = [await upload('x', 'batch', 'kept.jsonl'), await upload('y', 'batch', 'gone.jsonl')];
    await call(`/files/${gone}`, { method: 'DELETE' });
    expect((await call(`/files/${gone}`)).status).toBe(404);
    expect((await call('/files?purpose=batch')).text).toContain('kept.jsonl');
    clock.advance(3_600_000);
    expect((await call(`/files/${kept}/content`)).status).toBe(404);
    expect(emulator.files).toEqual([]);
  });

  it('refuses a batch above the limit of waiting tokens', async () => {
    emulator.set({ enqueuedTokens: 1 });
    const id = await started(line('a', 'a prompt of several tokens'));
    clock.advance(2000);
    expect((await look(id)).errors?.data[0]?.code).toBe('token_limit_exceeded');
    emulator.set({ enqueuedTokens: undefined });
  });

  it('loses answers and cuts downloads, while the work is done', async () => {
    emulator.setFaults([{ kind: 'reset-after-accept', operation: 'create-batch' }]);
    const file = await upload(line('a', 'a lamp'));
    await expect(create(file)).rejects.toThrow();
    expect(emulator.batches).toHaveLength(1);
    clock.advance(2000);
    const batch = await look(emulator.batches[0]?.id ?? '');
    emulator.setFaults([{ kind: 'truncate', operation: 'content', afterBytes: 1000, times: 1 }]);
    await expect(call(`/files/${batch.output_file_id}/content`)).rejects.toThrow();
    expect(await linesOf(batch.output_file_id)).toHaveLength(1);
  });
});
