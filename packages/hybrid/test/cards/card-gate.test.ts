import { describe, expect, test } from 'vitest';
import { measureCard } from '../../src/cards/index.ts';
import { corpus } from './corpus.ts';
import { paint } from './painter.ts';

describe('card gate', () => {
  test('the corpus has at least 60 pictures with distinct names', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(60);
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
  });

  test.each(corpus)('$name: $expected', async ({ painting, expected, because }) => {
    const { bytes } = await paint(painting);
    const report = await measureCard(bytes);
    const failed = report.checks.filter(({ passed }) => !passed).map(({ name }) => name);
    expect({ verdict: report.verdict, failed: expected === 'passed' ? failed : [] }).toEqual({
      verdict: expected,
      failed: [],
    });
    if (because !== undefined)
      expect(
        because.some((name) => failed.includes(name)),
        failed.join(', '),
      ).toBe(true);
  });
});
