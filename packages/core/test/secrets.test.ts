import { expect, it } from 'vitest';
import { keepSecrets, probeReport } from '../src/backend.ts';
import type { BackendResult } from '../src/backend.ts';
import { ImageError } from '../src/index.ts';
import { fault, ScriptedBackend } from './support/scripted-backend.ts';
import { failureOf, rows, start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();

const secret = 'another-service-key-0007';
keepSecrets([secret, 'word', `${secret}-and-more`]);

it('a secret of any service is blanked in errors, wherever they go', async () => {
  const error = new ImageError({
    kind: 'auth',
    outcome: 'rejected',
    message: `What is ${secret}?`,
    params: { words: secret, reason: { message: `A word: ${secret}-and-more` } },
    code: `bad-${secret}`,
    requestId: secret,
  });
  expect(JSON.stringify([error, error.stack, ImageError.with(error, { message: secret })])).not.toContain(secret);
  expect(error.params).toEqual({ words: '***', reason: { message: 'A word: ***' } });
  const message = `Not the key ${secret}.`;
  const refused = fault({ kind: 'content-policy', outcome: 'rejected', retryable: false, message });
  const { client } = start({ submit: [refused] });
  const result = await client.generate({ prompt: 'a cat', taskId: 'cat' });
  expect(failureOf(result).message).toBe('Not the key ***.');
  expect(JSON.stringify(await rows())).not.toContain(secret);
});

it('and in warnings, progress, probe reports and revised prompts', async () => {
  class Echo extends ScriptedBackend {
    override async collect(...[handle, context]: Parameters<ScriptedBackend['collect']>): Promise<BackendResult> {
      context.onProgress?.({ type: 'running', note: secret });
      const { images } = await super.collect(handle, context);
      return { images: [{ ...images[0]!, revisedPrompt: secret }], warnings: [{ code: 'other', message: secret }] };
    }
  }
  const { client } = start({}, {}, new Echo());
  const events: unknown[] = [];
  const result = await client.generate(
    { prompt: 'a cat', taskId: 'cat', size: '64x64' },
    { onProgress: (event) => void events.push(event) },
  );
  expect(result).toMatchObject({ success: true, warnings: [{ message: '***' }], images: [{ revisedPrompt: '***' }] });
  expect(JSON.stringify([events, await rows()])).not.toContain(secret);
  const told = { message: secret };
  const facts = { backend: 'b', model: 'm', status: 'down', checkedAtMs: 0, durationMs: 0 } as const;
  const report = probeReport({ ...facts, message: told, proves: [told], doesNotProve: [told], remedy: told });
  expect(JSON.stringify(report)).not.toContain(secret);
  expect(report.proves).toEqual(['***']);
});

it('words of fewer than 8 characters stay', () => {
  expect(fault({ message: 'a word' }).message).toBe('a word');
});
