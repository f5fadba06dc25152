import { startOpenAIEmulator } from '@holodeck/emulators';
import type { OpenAIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createOpenAIBackend } from '../src/index.ts';
import type { OpenAIBackendOptions } from '../src/index.ts';
import { rawServer, testKey } from './support.ts';

let emulator: OpenAIEmulator;
beforeAll(async () => {
  emulator = await startOpenAIEmulator({
    apiKey: testKey,
    models: [
      { id: 'gpt-image-2', created: 1, shutdown_date: null },
      { id: 'gpt-image-1.5', created: 1, shutdown_date: '2099-06-30' },
      { id: 'gpt-image-1', created: 1, shutdown_date: '2026-10-23' },
    ],
  });
});
afterAll(() => emulator.close());
beforeEach(() => {
  emulator.reset();
  emulator.set({ mayListModels: true, server: 'openai' });
});

const probe = (
  options: Partial<OpenAIBackendOptions> = {},
): ReturnType<ReturnType<typeof createOpenAIBackend>['probe']> =>
  createOpenAIBackend({ apiKey: testKey, baseURL: emulator.baseURL, ...options }).probe({
    signal: new AbortController().signal,
  });

it('is ready if the key sees the model, and submits nothing', async () => {
  const report = await probe();
  expect(report).toMatchObject({ status: 'ready', backend: 'openai', model: 'gpt-image-2' });
  expect(report.doesNotProve).toContain('balance and spending limits');
  expect(emulator.ledger).toMatchObject({ submissions: 0, accepted: 0, polls: 1 });
});

it('warns before a shutdown date and is down after it', async () => {
  expect(await probe({ model: 'gpt-image-1.5' })).toMatchObject({
    status: 'ready',
    message: expect.stringContaining('2099-06-30'),
    details: { shutdownDate: '2099-06-30' },
  });
  expect(await probe({ model: 'gpt-image-1' })).toMatchObject({ status: 'down', remedy: expect.any(String) });
});

it('distinguishes a wrong key, an invisible model, and a key without permission to list', async () => {
  expect(await probe({ apiKey: 'sk-wrong' })).toMatchObject({ status: 'down', errorKind: 'auth' });
  expect(await probe({ model: 'gpt-image-9' })).toMatchObject({ status: 'down', errorKind: 'invalid-request' });
  emulator.set({ mayListModels: false });
  expect(await probe()).toMatchObject({ status: 'unknown' });
});

it('distinguishes faults of the server from faults of the connection', async () => {
  emulator.setFaults([{ kind: 'refuse', code: 'credit_balance_exhausted', operation: 'models' }]);
  expect(await probe()).toMatchObject({ status: 'down', errorKind: 'quota' });
  emulator.setFaults([{ kind: 'http-status', status: 502, operation: 'models' }]);
  expect(await probe()).toMatchObject({ status: 'down', errorKind: 'unavailable' });
  emulator.setFaults([{ kind: 'wrong-content', operation: 'models' }]);
  expect(await probe()).toMatchObject({ status: 'down', errorKind: 'bad-response' });
  expect(await probe({ baseURL: 'http://127.0.0.1:9/v1' })).toMatchObject({ status: 'down', errorKind: 'unavailable' });
});

it('reads the list of models of a compatible server', async () => {
  expect(await probe({ profile: 'compatible' })).toMatchObject({ status: 'ready' });
  expect(await probe({ profile: 'compatible', model: 'flux' })).toMatchObject({ status: 'unknown' });
  const bare = await rawServer((_request, response) => response.writeHead(404).end());
  expect(await probe({ profile: 'compatible', baseURL: bare.baseURL })).toMatchObject({ status: 'unknown' });
  emulator.set({ server: 'sdcpp' });
  expect(await probe({ profile: 'sdcpp' })).toMatchObject({ status: 'ready', model: 'sd-cpp-local' });
});

it('rejects with the reason of its signal at the deadline', async () => {
  const abort = new AbortController();
  const { baseURL } = await rawServer(() => abort.abort(new Error('deadline')));
  const backend = createOpenAIBackend({ apiKey: testKey, baseURL });
  await expect(backend.probe({ signal: abort.signal })).rejects.toThrow('deadline');
});
