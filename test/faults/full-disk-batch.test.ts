import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import type { Ledger } from '@holodeck/emulators';
import { describe, expect, it } from 'vitest';
import { startCli } from '../support/run-cli.ts';
import { hasSmallDisks, SmallDisk } from './support/small-disk.ts';

const count = 12;
const imageBytes = 300_000;
const outputSize = { width: 64, height: 64 };

interface Service {
  readonly backend: string;
  /** Free at first: space for what is reserved, and for some images. */
  readonly leaveBytes: number;
  start(): Promise<{
    readonly ledger: Ledger;
    readonly environment: Record<string, string>;
    close(): Promise<void>;
  }>;
}

const services: readonly Service[] = [
  {
    backend: 'hunyuan',
    leaveBytes: 3_000_000,
    async start() {
      const emulator = await startHunyuanEmulator({
        jobMs: 20,
        imageBytes,
        outputSize,
        submitRate: 'off',
        queryRate: 'off',
      });
      const { secretId, secretKey } = emulator.credentials;
      const environment = {
        HUNYUAN_SECRET_ID: secretId,
        HUNYUAN_SECRET_KEY: secretKey,
        HUNYUAN_ENDPOINT: emulator.url,
      };
      return { ledger: emulator.ledger, environment, close: () => emulator.close() };
    },
  },
  {
    backend: 'openai',
    leaveBytes: 7_600_000,
    async start() {
      const emulator = await startOpenAIEmulator({ imageMs: 20, imageBytes, outputSize });
      const environment = { OPENAI_API_KEY: emulator.apiKey, OPENAI_BASE_URL: emulator.baseURL };
      return { ledger: emulator.ledger, environment, close: () => emulator.close() };
    },
  },
];

if (!hasSmallDisks)
  console.error('\n!!! NOT RUN: test/faults/full-disk-batch.test.ts needs a small disk (mount of a tmpfs).\n');

describe.skipIf(!hasSmallDisks)('a disk that becomes full in the middle of a batch', () => {
  it.each(services)('loses nothing that is paid for, and the same command finishes ($backend)', async (service) => {
    const disk = new SmallDisk();
    const { ledger, environment, close } = await service.start();
    try {
      writeFileSync(
        join(disk.path, 'tasks.jsonl'),
        Array.from({ length: count }, (_, index) => JSON.stringify({ prompt: `lamp ${index}` })).join('\n'),
      );
      disk.fill(service.leaveBytes);
      const command = ['batch', 'tasks.jsonl', '--backend', service.backend, '--concurrency', '1', '--json'];
      const images = (): string[] => readdirSync(join(disk.path, 'output')).filter((name) => name.endsWith('.png'));

      const first = await startCli(command, environment, disk.path).end;
      expect(first.code).toBe(1);
      // It failed in the middle.
      expect(images().length).toBeGreaterThan(2);
      expect(images().length).toBeLessThan(count);
      // It says what to free, and what to do then.
      expect(first.stderr).toContain(join(disk.path, 'output'));
      expect(first.stderr).toMatch(/free some space[^.]*run the same command again/i);
      // One image was being fetched when the disk became full, and one job had started: the rest was never sent.
      expect(ledger.accepted - images().length).toBeLessThanOrEqual(2);
      const outcomes = first.stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { error?: { kind: string; outcome: string } }).error)
        .filter((error) => error !== undefined);
      expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['storage']));
      expect(
        outcomes.filter(({ outcome }) => outcome !== 'not-submitted').every(({ outcome }) => outcome === 'accepted'),
      ).toBe(true);

      disk.free();
      const again = await startCli(command, environment, disk.path).end;
      expect(again, again.stderr).toMatchObject({ code: 0 });
      expect(images()).toHaveLength(count);
      expect(ledger.snapshot()).toMatchObject({ submissions: count, accepted: count, billed: count });
    } finally {
      await close();
      disk.remove();
    }
  });
});
