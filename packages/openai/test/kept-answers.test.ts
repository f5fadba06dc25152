import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ImageClient } from '@holodeck/core';
import { inspectImage } from '@holodeck/core/backend';
import { openStoreForFolder } from '@holodeck/core/stores';
import type { ImageRequest, JobContext, JobHandle } from '@holodeck/core/backend';
import type { TaskRow } from '@holodeck/core/stores';
import { startOpenAIEmulator } from '@holodeck/emulators';
import type { OpenAIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { OpenAIBackend } from '../src/index.ts';
import { temporaryFolder } from './support.ts';

/** Dies when the job is accepted, before its image is taken out of the answer. */
const dyingProcess = `
import { ImageClient } from '@holodeck/core';
import { OpenAIBackend } from '@holodeck/openai';
const [, options, outputDir, asBefore] = process.argv;
class DyingBackend extends OpenAIBackend {
  async submit(request, context) {
    const { maxHandleAnswerBytes, ...before } = context;
    return super.submit(request, asBefore ? before : context);
  }
  async collect() {
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined);
  }
}
const client = new ImageClient(new DyingBackend(JSON.parse(options)), { outputDir });
await client.generate({ prompt: 'a lamp', size: '64x64', outputPath: 'lamp.png' });
`;

let emulator: OpenAIEmulator;
beforeAll(async () => {
  emulator = await startOpenAIEmulator({ server: 'sdcpp', apiKey: 'sk-emulator', imageMs: 0 });
});
afterAll(() => emulator.close());

function options(): ConstructorParameters<typeof OpenAIBackend>[0] {
  return { apiKey: emulator.apiKey, baseURL: `${emulator.url}/v1`, model: 'gpt-image-2', profile: 'sdcpp' };
}

async function dieAfterAcceptance(outputDir: string, ...asBefore: string[]): Promise<TaskRow> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@holodeck/source',
      '--input-type=module',
      '--eval',
      dyingProcess,
      JSON.stringify(options()),
      outputDir,
      ...asBefore,
    ],
    { cwd: resolve(import.meta.dirname, '..'), stdio: 'inherit' },
  );
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  return onlyRow(outputDir);
}

async function onlyRow(outputDir: string): Promise<TaskRow> {
  const store = await openStoreForFolder(outputDir);
  const rows = await Array.fromAsync(store.tasks.list());
  await store.close();
  expect(rows).toHaveLength(1);
  return rows[0] as TaskRow;
}

async function resumes(outputDir: string): Promise<void> {
  const before = emulator.ledger.submissions;
  const client = new ImageClient(new OpenAIBackend(options()), { outputDir });
  try {
    expect(await Array.fromAsync(client.resume())).toMatchObject([{ success: true, source: 'resumed' }]);
  } finally {
    await client.close();
  }
  expect(inspectImage(await readFile(join(outputDir, 'lamp.png')))).toMatchObject({ width: 64, complete: true });
  expect(emulator.ledger.submissions).toBe(before);
}

const spoolOf = (outputDir: string): string => join(outputDir, '.holodeck', 'spool');

describe('a small answer', () => {
  it('is part of the accepted row, and not of the finished row', async () => {
    const outputDir = await temporaryFolder();
    const row = await dieAfterAcceptance(outputDir);
    expect(row).toMatchObject({ state: 'accepted' });
    expect(row.handle?.answer).toContain('b64_json');
    // The row alone is enough.
    await rm(spoolOf(outputDir), { recursive: true });
    await resumes(outputDir);
    const done = await onlyRow(outputDir);
    expect(done).toMatchObject({ state: 'done', handle: { jobId: row.handle?.jobId }, images: [{ path: 'lamp.png' }] });
    expect(done.handle).not.toHaveProperty('answer');
  });

  it('is read from the file where an earlier version kept it', async () => {
    const outputDir = await temporaryFolder();
    const row = await dieAfterAcceptance(outputDir, 'as before');
    expect(row).toMatchObject({ state: 'accepted', handle: { data: { answer: `${row.key}.answer` } } });
    expect(row.handle).not.toHaveProperty('answer');
    expect(await readdir(spoolOf(outputDir))).toEqual([`${row.key}.answer`]);
    await resumes(outputDir);
    expect(await readdir(spoolOf(outputDir))).toEqual([]);
  });

  it('goes to a file while another process locks the store', async () => {
    const outputDir = await temporaryFolder();
    let spooled: string | undefined;
    /** Another process's lock, from the answer until it is seen to be in a file. */
    class LockingBackend extends OpenAIBackend {
      override async submit(request: ImageRequest, context: JobContext): Promise<JobHandle> {
        const handle = await super.submit(request, context);
        const other = new DatabaseSync(join(outputDir, '.holodeck', 'store.sqlite'));
        other.exec('BEGIN IMMEDIATE');
        const path = join(spoolOf(outputDir), `${context.key}.answer`);
        void (async () => {
          await until(() => existsSync(path));
          spooled = await readFile(path, 'utf8');
          other.exec('COMMIT');
          other.close();
        })();
        return handle;
      }
    }
    const client = new ImageClient(new LockingBackend(options()), { outputDir });
    try {
      const result = await client.generate({ prompt: 'a lamp', size: '64x64', outputPath: 'lamp.png' });
      expect(result).toMatchObject({ success: true, warnings: [] });
    } finally {
      await client.close();
    }
    expect(spooled).toContain('b64_json');
    expect(await readdir(spoolOf(outputDir))).toEqual([]);
    expect(await onlyRow(outputDir)).toMatchObject({ state: 'done' });
  });
});

it('an answer of a megabyte goes to a file, which is removed afterwards', async () => {
  const outputDir = await temporaryFolder();
  const large = await startOpenAIEmulator({
    server: 'sdcpp',
    apiKey: 'sk-emulator',
    imageMs: 0,
    imageBytes: 1_000_000,
  });
  let handle: JobHandle | undefined;
  class NotingBackend extends OpenAIBackend {
    override async submit(request: ImageRequest, context: JobContext): Promise<JobHandle> {
      handle = await super.submit(request, context);
      return handle;
    }
  }
  const client = new ImageClient(new NotingBackend({ ...options(), baseURL: `${large.url}/v1` }), { outputDir });
  try {
    const result = await client.generate({ prompt: 'a lamp', size: '64x64', outputPath: 'lamp.png' });
    expect(result).toMatchObject({ success: true });
    expect(handle?.data).toEqual({ answer: `${handle?.key}.answer`, model: 'gpt-image-2' });
    expect(inspectImage(await readFile(join(outputDir, 'lamp.png')))).toMatchObject({ complete: true });
    expect(await readdir(spoolOf(outputDir))).toEqual([]);
  } finally {
    await client.close();
    await large.close();
  }
});
