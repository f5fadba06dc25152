import { createMemoryPermits } from '@holodeck/core/stores';
import { startHunyuanEmulator } from '@holodeck/emulators';
import type { HunyuanEmulator, HunyuanEmulatorOptions } from '@holodeck/emulators';
import { describe, expect, it } from 'vitest';
import { createHunyuanClient } from '../src/index.ts';
import type { HunyuanClientOptions } from '../src/index.ts';
import { solid } from './harness.ts';

const fast: HunyuanEmulatorOptions = { jobMs: 30, submitRate: 'off', queryRate: 'off' };

interface Running extends AsyncDisposable {
  readonly emulator: HunyuanEmulator;
  readonly client: ReturnType<typeof createHunyuanClient>;
}

async function start(options: HunyuanEmulatorOptions = {}, client: HunyuanClientOptions = {}): Promise<Running> {
  const emulator = await startHunyuanEmulator({ ...fast, ...options });
  const { secretId, secretKey } = emulator.credentials;
  const own = createHunyuanClient({ secretId, secretKey, endpoint: emulator.url, ...client });
  return {
    emulator,
    client: own,
    async [Symbol.asyncDispose]() {
      await own.close();
      await emulator.close();
    },
  };
}

describe('against the emulator', () => {
  it('reads the environment and makes a picture', async () => {
    const emulator = await startHunyuanEmulator(fast);
    const client = createHunyuanClient({
      network: {
        environment: {
          HUNYUAN_SECRET_ID: emulator.credentials.secretId,
          HUNYUAN_SECRET_KEY: emulator.credentials.secretKey,
          HUNYUAN_ENDPOINT: emulator.url,
        },
      },
    });
    expect(await client.probe()).toMatchObject({ status: 'ready' });
    const result = await client.generate({ prompt: '雨夜的面馆', size: '1280:720', seed: 7 });
    expect(result).toMatchObject({ success: true, backend: 'hunyuan', attempts: 1, warnings: [] });
    if (result.success)
      expect(result.images[0]).toMatchObject({ width: 1280, height: 720, mediaType: 'image/png', seed: 7 });
    expect(emulator.ledger).toMatchObject({ submissions: 1, accepted: 1, delivered: 1 });
    await client.close();
    await emulator.close();
  });

  it('meets the limit: ten tasks, one slot with a tail, none lost and none refused for good', async () => {
    await using running = await start({ slotTailMs: 60 });
    const tasks = Array.from({ length: 10 }, (_, index) => ({ prompt: `画 ${index}` }));
    const results = await running.client.generateBatch(tasks);
    expect(results.filter(({ success }) => success)).toHaveLength(10);
    expect(running.emulator.ledger).toMatchObject({ accepted: 10, maxConcurrent: 1 });
  });

  it('passes reference pictures', async () => {
    await using running = await start();
    const bytes = await solid(300, 200, '#886644');
    const result = await running.client.generate({ prompt: '同样的画风', references: [{ bytes }] });
    expect(result).toMatchObject({ success: true });
  });

  it.each(['empty', 'null', 'absent'] as const)('reads lists that are %s', async (emptyArrays) => {
    await using running = await start({ emptyArrays });
    expect(await running.client.generate({ prompt: 'x' })).toMatchObject({ success: true });
  });

  it('does not send again when the answer is lost', async () => {
    await using running = await start({ faults: [{ kind: 'reset-after-accept', operation: 'submit' }] });
    const result = await running.client.generate({ prompt: 'x' });
    expect(result).toMatchObject({ success: false, error: { outcome: 'unknown' } });
    expect(running.emulator.ledger).toMatchObject({ submissions: 1, accepted: 1 });
  });

  it('goes on polling through faults, for one payment', async () => {
    const script = [
      { kind: 'http-status', status: 502 },
      { kind: 'reset-before-accept' },
      { kind: 'wrong-content' },
    ] as const;
    await using running = await start(
      {
        faults: [
          { operation: 'query', script },
          { operation: 'download', script: [{ kind: 'truncate' }] },
        ],
      },
      { retryBaseMs: 1, retryMaxMs: 2 },
    );
    expect(await running.client.generate({ prompt: 'x' })).toMatchObject({ success: true, attempts: 1 });
    expect(running.emulator.ledger).toMatchObject({ submissions: 1, accepted: 1 });
  });

  it('pays once more for a job that failed at the service, and not for moderation', async () => {
    await using running = await start(
      { faults: [{ kind: 'fail-job', code: 'ServerError', operation: 'submit', nth: 1 }] },
      { retryBaseMs: 1, retryMaxMs: 2 },
    );
    expect(await running.client.generate({ prompt: 'x' })).toMatchObject({ success: true });
    expect(running.emulator.ledger.accepted).toBe(2);
    const refused = await running.client.generate({ prompt: '违禁' });
    expect(refused).toMatchObject({ success: false, error: { kind: 'content-policy', outcome: 'rejected' } });
    const withheld = await running.client.generate({ prompt: '__illegal_output__' });
    expect(withheld).toMatchObject({ success: false, error: { kind: 'content-policy', outcome: 'failed' } });
    expect(running.emulator.ledger.accepted).toBe(3);
  });

  it('turns a wrong key away without a submission', async () => {
    await using running = await start({}, { secretKey: 'a-wrong-key' });
    expect(await running.client.probe()).toMatchObject({ status: 'down', errorKind: 'auth' });
    const result = await running.client.generate({ prompt: 'x' });
    expect(result).toMatchObject({
      success: false,
      error: { kind: 'auth', outcome: 'rejected', code: 'AuthFailure.SignatureFailure' },
    });
    expect(running.emulator.ledger.accepted).toBe(0);
  });

  it('two clients of one account share its slot', async () => {
    const permits = createMemoryPermits();
    await using running = await start({}, { permits });
    const { secretId, secretKey } = running.emulator.credentials;
    const other = createHunyuanClient({ secretId, secretKey, endpoint: running.emulator.url, permits });
    const prompts = ['a', 'b', 'c'].map((prompt) => ({ prompt }));
    const results = await Promise.all([running.client.generateBatch(prompts), other.generateBatch(prompts)]);
    expect(results.flat().every(({ success }) => success)).toBe(true);
    expect(running.emulator.ledger).toMatchObject({ accepted: 6, maxConcurrent: 1, refusals: 0 });
    await other.close();
  });
});
