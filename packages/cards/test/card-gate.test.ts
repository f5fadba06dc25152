import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { defaultCardGateOptions } from '../src/gate/card-gate-options.ts';
import { prepareCard } from '../src/index.ts';
import type { CardCheckName, CardGateReport, PreparedCard } from '../src/index.ts';
import { sampled } from '../../../test/support/long-runs.ts';
import { writeTable } from '../../../test/support/table-report.ts';
import { corpus } from './corpus.ts';
import { paint } from './painter.ts';
import { ball, chest, lightGrey, mug, object, on, shadow, wood } from './shapes.ts';

/** Every kind of picture: what is expected of it and of its card, and why. */
const kinds = Map.groupBy(corpus, ({ expected, because, expectedCard }) => [expected, expectedCard, ...because].join());
const pictures = [...kinds.values()].flatMap((kind) => sampled(kind, Math.ceil(kind.length / 3)));
const rows: string[][] = [];

/** Failures that cutting out cannot repair. */
const obstacles: ReadonlySet<CardCheckName> = new Set([
  'decodes',
  'ground-plain',
  'ground-gradient',
  'ground-noise',
  'isolated',
  'one-object',
  'edge-contact',
]);

afterAll(async () => {
  if (rows.length < corpus.length) return;
  const wrongPasses = rows.filter((row) => row.includes('WRONG PASS')).length;
  const others = rows.filter((row) => row.includes('differs')).length;
  await writeTable(
    'card-corpus.md',
    `Generated pictures before the card gate: ${rows.length}, wrong passes: ${wrongPasses}, otherwise other than expected: ${others}. ` +
      'The card is what the normaliser makes of the picture.',
    ['picture', 'expected', 'found', 'failed checks', 'card expected', 'card found', 'normaliser', 'agrees'],
    rows,
  );
});

function failedChecks({ checks }: CardGateReport): CardCheckName[] {
  return checks.filter(({ passed }) => !passed).map(({ name }) => name);
}

function doneBy({ normalised }: PreparedCard): string {
  return normalised === undefined || normalised.steps.length === 0 ? 'left alone' : normalised.steps.join(', ');
}

describe('the corpus', () => {
  it('has at least 60 pictures with distinct names', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(60);
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
  });

  test.each(pictures)('$name: $expected', async ({ name, painting, expected, because, expectedCard }) => {
    const { bytes } = await paint(painting);
    const prepared = await prepareCard(bytes);
    const { original, gate } = prepared;
    const failed = failedChecks(original);
    const passedWrongly =
      (expected === 'failed' && original.verdict === 'passed') ||
      (expectedCard === 'failed' && gate.verdict === 'passed');
    const agrees = original.verdict === expected && gate.verdict === expectedCard;
    rows.push([
      name,
      expected,
      original.verdict,
      failed.join(', '),
      expectedCard,
      gate.verdict,
      doneBy(prepared),
      passedWrongly ? 'WRONG PASS' : agrees ? 'yes' : 'differs',
    ]);
    expect({ picture: original.verdict, card: gate.verdict, failed: expected === 'passed' ? failed : [] }).toEqual({
      picture: expected,
      card: expectedCard,
      failed: [],
    });
    if (expected === 'failed')
      expect(failed).toSatisfy((names: CardCheckName[]) => because.some((one) => names.includes(one)));
    // A picture that cannot be isolated stays unchanged.
    if (failed.some((check) => obstacles.has(check))) expect(prepared.normalised?.skipped?.message).toMatch(/\w+/);
    if (prepared.normalised?.skipped !== undefined) expect(prepared.bytes).toBe(bytes);
  });
});

describe('limits', () => {
  it('apply to what was measured, each through its option', async () => {
    const { bytes } = await paint(on(lightGrey, object(ball)));
    const verdictWith = async (gate: object): Promise<string[]> =>
      failedChecks((await prepareCard(bytes, { normalise: false, gate })).gate);
    expect(await verdictWith({})).toEqual([]);
    expect(await verdictWith({ minSide: 513 })).toEqual(['resolution']);
    expect(await verdictWith({ maxBytes: 100 })).toEqual(['file-size']);
    expect(await verdictWith({ minFrameShare: 0.8 })).toEqual(['frame-share']);
    expect(await verdictWith({ maxFrameShare: 0.7 })).toEqual(['frame-share']);
    expect(await verdictWith({ minMargin: 0.2 })).toEqual(['edge-contact']);
    expect(await verdictWith({ minCoverage: 0.9 })).toEqual(['isolated']);
  });

  it('say what was found, what the limit is, and what to do', async () => {
    const { bytes } = await paint({ ...on(lightGrey, object(mug)), width: 256 });
    const { gate } = await prepareCard(bytes, { normalise: false });
    expect(gate.checks.find(({ name }) => name === 'resolution')).toEqual({
      name: 'resolution',
      passed: false,
      value: 256,
      threshold: 512,
      message: 'The picture is 256x256; its sides have to be at least 512 pixels. Ask for a larger size.',
      messageId: 'cards.too-small',
      params: { size: '256x256', least: 512 },
    });
  });

  it('are in the README with their defaults', async () => {
    const text = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
    for (const [name, value] of Object.entries(defaultCardGateOptions)) {
      const shown = name === 'maxBytes' ? '6 MiB' : name === 'shadow' ? `\`${value}\`` : String(value);
      expect(text).toContain(`\`${name}\` ${shown}`);
    }
  });

  it('a soft shadow fails, warns or is ignored, by option', async () => {
    const { bytes } = await paint(on(lightGrey, shadow(0.35, 90), object(chest, wood)));
    const measure = async (choice: 'fail' | 'warn' | 'ignore'): Promise<CardGateReport> =>
      (await prepareCard(bytes, { normalise: false, gate: { shadow: choice } })).gate;
    expect(failedChecks(await measure('fail'))).toEqual(['shadow']);
    const warned = await measure('warn');
    expect([warned.verdict, warned.warnings.length]).toEqual(['passed', 1]);
    const ignored = await measure('ignore');
    expect([ignored.verdict, ignored.warnings.length]).toEqual(['passed', 0]);
  });
});
