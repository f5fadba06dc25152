import { afterAll, describe, expect, it, test } from 'vitest';
import { openCardWorkers, prepareCard } from '../src/index.ts';
import type { CardDoubt, PreparedCard } from '../src/index.ts';
import { sized } from '../../../test/support/long-runs.ts';
import { writeTable } from '../../../test/support/table-report.ts';
import type { Painting } from './painter.ts';
import { box, circle, paint, plain } from './painter.ts';
import { knowingRemover } from './knowing-remover.ts';
import { lightGrey, object, on, red, teal } from './shapes.ts';
import { hardShadow, reflected, singleObject, texturedGround, touchingPair } from './varied-pictures.ts';

/** Even seeds: the limits were chosen with odd ones. */
const seeds = (count: number): number[] => Array.from({ length: count }, (_, index) => 2 * index + 2);

const kinds: readonly (readonly [CardDoubt['name'], (seed: number) => Painting, count: number])[] = [
  ['hard-shadow', hardShadow, sized(4, 10)],
  ['touching-objects', touchingPair, sized(4, 10)],
  ['reflection', reflected, sized(3, 5)],
];

const rows: string[][] = [];
const workers = openCardWorkers();

afterAll(async () => {
  await workers.close();
  await writeTable(
    'card-doubts.md',
    `Generated pictures whose objects may be more than one thing: ${rows.length}.`,
    ['picture', 'verdict', 'doubts', 'failed checks'],
    rows,
  );
});

async function prepared(kind: string, seed: number, painting: Painting): Promise<PreparedCard> {
  const { bytes } = await paint(painting);
  const card = await workers.prepareCard(bytes);
  const failed = card.gate.checks.filter(({ passed }) => !passed).map(({ name }) => name);
  rows.push([`${kind} ${seed}`, card.gate.verdict, namesOf(card).join(', '), failed.join(', ')]);
  return card;
}

function namesOf({ gate }: PreparedCard): string[] {
  return gate.doubts.map(({ name }) => name);
}

describe('a doubt is named, in the verdict on the card and among its warnings', () => {
  const pictures = kinds.flatMap(([kind, painting, count]) => seeds(count).map((seed) => ({ kind, seed, painting })));
  test.each(pictures)('$kind, picture $seed', async ({ kind, seed, painting }) => {
    const { gate, original } = await prepared(kind, seed, painting(seed));
    expect(gate.doubts.map(({ name }) => name)).toContain(kind);
    expect(gate.doubts).toEqual(original.doubts);
    expect(gate.warnings.map(({ messageId }) => messageId)).toContain(`cards.perhaps-${kind}`);
  });
});

describe('no doubt about', () => {
  test.each(seeds(sized(8, 24)))(
    'one thing with legs, handles, grey parts or flat colours, picture %i',
    async (seed) => {
      const card = await prepared('single object', seed, singleObject(seed));
      expect([card.gate.verdict, ...namesOf(card)]).toEqual(['passed']);
    },
  );

  it('two things that touch along a whole side, a shadow with shades of its own: the verdict says that they are not told', async () => {
    const books = on(lightGrey, object(box(0.15, 0.2, 0.5, 0.8), red), object(box(0.5, 0.2, 0.85, 0.8), teal));
    const shaded = on(
      lightGrey,
      { shape: box(0.3, 0.7, 0.95, 0.78), paint: (x) => [60 + 160 * x, 60 + 160 * x, 60 + 160 * x] },
      { shape: circle(0.45, 0.45, 0.3), paint: plain(red) },
    );
    for (const painting of [books, shaded]) {
      const { gate } = await prepared('not told', 0, painting);
      expect([gate.verdict, gate.doubts]).toEqual(['passed', []]);
      expect(gate.notMeasured.map(({ messageId }) => messageId)).toContain('cards.parts-not-told');
    }
  });
});

describe('a ground with a texture', () => {
  test.each(seeds(sized(4, 10)))(
    'is refused as it is, and a remover cuts the object out of it, picture %i',
    async (seed) => {
      const painted = await paint(texturedGround(seed));
      const alone = await prepareCard(painted.bytes);
      rows.push([`textured ground ${seed}`, alone.gate.verdict, namesOf(alone).join(', '), '']);
      expect([alone.gate.verdict, alone.changed]).toEqual(['failed', false]);
      expect(alone.bytes).toBe(painted.bytes);
      const card = await prepareCard(painted.bytes, { remover: knowingRemover(painted) });
      expect([card.gate.verdict, card.normalised?.steps]).toEqual(['passed', ['remove-background', 'recentre']]);
    },
  );
});
