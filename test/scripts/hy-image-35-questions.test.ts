import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHunyuanEmulator } from '@holodeck/emulators';
import type { HunyuanEmulatorOptions } from '@holodeck/emulators';
import { expect, it } from 'vitest';
import { askHyImage35, costOfQuestions, maxPictures } from '../../scripts/support/hy-image-35-questions.ts';

const apiKey = 'sk-emulator-tokenhub-key';

/** Asks an emulator; returns the report's answers by question, what the emulator billed, and the pictures. */
async function ask(options: HunyuanEmulatorOptions, key: string = apiKey) {
  const emulator = await startHunyuanEmulator({ apiKey, jobMs: 0, submitRate: 'off', ...options });
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-questions-'));
  try {
    const report = await askHyImage35({ apiKey: key, origin: emulator.url, folder, cutAfterMs: 20 });
    const rows = report.split('\n').flatMap((line) => /^\| (.*?) \| (.*) \|$/.exec(line)?.slice(1) ?? []);
    const answers = Object.fromEntries(
      Array.from({ length: rows.length / 2 }, (_, at) => rows.slice(at * 2, at * 2 + 2)),
    );
    return { report, answers, ledger: emulator.ledger.snapshot(), pictures: await readdir(folder) };
  } finally {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

it('says before anything else what a run costs at most', () => {
  expect(maxPictures).toBeLessThanOrEqual(12);
  expect(costOfQuestions).toContain(`at most ${maxPictures} pictures`);
  expect(costOfQuestions).toContain('1.50 CNY');
});

it('answers the open questions with few pictures, and writes no secret', async () => {
  const faults = [{ kind: 'stall', operation: 'submit', match: '茶壶', nth: 1 }] as const;
  const { report, answers, ledger, pictures } = await ask({ faults });
  expect(answers).toMatchObject({
    'The form of a refusal by moderation': expect.stringContaining('HTTP 200, content_filter') as string,
    'An unknown field': expect.stringContaining('HTTP 400') as string,
    'Three requests at once': 'all were taken',
    'The same seed twice': 'the same file',
    'A label in the metadata (AIGC)': 'none found',
    'Seed 0': expect.stringContaining('a picture, 15000 tokens') as string,
    'Without a size': expect.stringMatching(/^1536x1536, 15000 tokens/) as string,
    'The history': expect.stringMatching(/^assistant, tool; \d+ characters; has no base64$/) as string,
    'A second turn without a session': expect.stringContaining('a picture') as string,
    'A cut connection, then the same Idempotency-Key': expect.stringMatching(
      /^cut after .*repeated: HTTP 200/,
    ) as string,
  });
  expect(ledger.billed).toBeLessThanOrEqual(maxPictures);
  expect(pictures).toContain('logo-add-0.png');
  for (const secret of [apiKey, 'q-signature', 'http:', '1000000000']) expect(report).not.toContain(secret);
});

it('sends again alone what was refused because three were too many', async () => {
  const { answers, ledger } = await ask({
    concurrency: 2,
    jobMs: 100,
    unknownFields: 'ignore',
    moderation: 'http-422',
  });
  expect(answers['Three requests at once']).toMatch(/^1 refused: HTTP 429, 429001/);
  expect(answers['The form of a refusal by moderation']).toMatch(/^HTTP 422/);
  expect(answers['An unknown field']).toMatch(/^HTTP 200, a picture/);
  expect(ledger.billed).toBeLessThanOrEqual(maxPictures);
});

it('stops at the first answer where the key is refused', async () => {
  await expect(ask({}, 'sk-wrong')).rejects.toThrow(/Nothing can be asked: .*HTTP 401, 401002: invalid api key/);
});
