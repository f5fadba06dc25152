import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';
import { runWorker } from '../support/run-worker.ts';
import type { CardFigures, CardPlan } from '../cards/worker.ts';

const sides = [1024, 2048] as const;

/** What a card costs beside sharp alone. */
export async function measureCards(rounds: number): Promise<BenchTable> {
  const cards = new Map<number, CardFigures[]>(sides.map((side) => [side, []]));
  for (let round = 0; round < rounds; round += 1) {
    const isEven = round % 2 === 0;
    for (const side of isEven ? sides : sides.toReversed()) {
      const plan: CardPlan = { side, isSharpFirst: isEven };
      cards.get(side)?.push(await runWorker('cards/worker.ts', [JSON.stringify(plan)]));
    }
  }
  const of = (all: readonly CardFigures[], value: (one: CardFigures) => number, digits = 0): string =>
    spread(all.map(value), digits);
  return {
    title: 'Cards',
    note: `A chair on a plain ground with grain, prepared in the threads of \`openCardWorkers\`; ${rounds} rounds, in alternating order. sharp alone decodes the same picture, resizes the same object and encodes the same card. Aims: 20 ms, 1.5 x, 4 x.`,
    header: ['what', 'longest block ms', 'CPU ms', 'sharp alone, CPU ms', 'x sharp', 'memory, x raw pixels'],
    rows: [...cards].map(([side, all]) => [
      `card of ${side}`,
      of(all, ({ blockMs }) => blockMs, 1),
      of(all, ({ cpuMs }) => cpuMs),
      of(all, ({ sharpMs }) => sharpMs),
      of(all, ({ cpuMs, sharpMs }) => cpuMs / sharpMs, 2),
      of(all, ({ timesPixels }) => timesPixels, 1),
    ]),
    figures: Object.fromEntries(cards),
  };
}
