import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startService } from '../peers/measure.ts';
import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';
import type { CardFigures, CardPlan, SessionFigures } from '../cards/worker.ts';

const sides = [1024, 2048] as const;

/** Runs one measurement in a process of its own, so that memory and threads are its own. */
function runWorker<Figures>(plan: CardPlan): Promise<Figures> {
  const program = fileURLToPath(new URL('../cards/worker.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(program, [JSON.stringify(plan)], { execArgv: ['--expose-gc'] });
    child.once('message', (figures) => resolve(figures as Figures));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The cards' process ended with code ${code} without figures.`)));
  });
}

/** What a card costs beside sharp alone, and a session of 8 cards beside its images alone. */
export async function measureCards(rounds: number): Promise<BenchTable> {
  const cards = new Map<number, CardFigures[]>(sides.map((side) => [side, []]));
  const sessions = new Map<boolean, SessionFigures[]>([
    [true, []],
    [false, []],
  ]);
  const service = await startService('comfyui', { jobMs: 0 });
  const { url } = service.address;
  try {
    for (let round = 0; round < rounds; round += 1) {
      const isEven = round % 2 === 0;
      for (const side of isEven ? sides : sides.toReversed())
        cards.get(side)?.push(await runWorker<CardFigures>({ side, isSharpFirst: isEven }));
      for (const withCards of isEven ? [true, false] : [false, true])
        sessions.get(withCards)?.push(await runWorker<SessionFigures>({ url, withCards }));
    }
  } finally {
    service.stop();
  }
  const of = <Figures>(all: readonly Figures[] | undefined, value: (one: Figures) => number, digits = 0): string =>
    spread((all ?? []).map(value), digits);
  return {
    title: 'Cards',
    note: `A chair on a plain ground with grain, prepared in the threads of \`openCardWorkers\`; ${rounds} rounds, in alternating order. sharp alone decodes the same picture, resizes the same object and encodes the same card. The session has a scene and 8 cards of 1024 pixels from an emulator. Aims: 20 ms, 1.5 x, 4 x, 2000 ms.`,
    header: ['what', 'loop block ms', 'CPU ms', 'sharp alone, CPU ms', 'x sharp', 'memory, x raw pixels'],
    rows: [
      ...[...cards].map(([side, all]) => [
        `card of ${side}`,
        of(all, ({ blockMs }) => blockMs, 1),
        of(all, ({ cpuMs }) => cpuMs),
        of(all, ({ sharpMs }) => sharpMs),
        of(all, ({ cpuMs, sharpMs }) => cpuMs / sharpMs, 2),
        of(all, ({ timesPixels }) => timesPixels, 1),
      ]),
      ...[...sessions].map(([withCards, all]) => [
        withCards ? 'session of 8 cards' : 'its images alone',
        of(all, ({ blockMs }) => blockMs, 1),
        of(all, ({ cpuMs }) => cpuMs),
        '',
        '',
        '',
      ]),
    ],
    figures: { cards: Object.fromEntries(cards), sessions: Object.fromEntries(sessions) },
  };
}
