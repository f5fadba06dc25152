import { createMemoryStore, type Store } from '@holodeck/core/stores';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { assetOf } from '../../src/assets/asset.ts';
import { SimulatedWorld } from './simulated-world.ts';
import type { Mode, SimulatedProcess } from './simulated-world.ts';
import { objects } from './hybrid.ts';
import { outputFolder } from './output-folder.ts';

type Action =
  | { readonly type: 'scene' | 'cards' | 'kill' | 'regenerate'; readonly process: number }
  | { readonly type: 'mode'; readonly service: 0 | 1; readonly mode: Mode }
  | { readonly type: 'relock'; readonly process: number; readonly backend: string };

const process = fc.nat({ max: 2 });
const mode = fc.constantFrom<Mode>(
  'up',
  'unreachable',
  'quota',
  'contentPolicy',
  'failed',
  'away',
  'unknown',
  'unknownTaken',
);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('scene' as const), process }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('cards' as const), process }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('kill' as const), process }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('regenerate' as const), process }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('relock' as const),
      process,
      backend: fc.constantFrom('first', 'second'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('mode' as const),
      service: fc.constantFrom(0 as const, 1 as const),
      mode,
    }),
  },
);
const policy = fc.constantFrom('fail' as const, 'restart' as const);
const scene = { sessionId: 's', sceneText: 'a room' };

function start(world: SimulatedWorld, chosen: 'fail' | 'restart'): SimulatedProcess[] {
  return [0, 1, 2].map(() => world.start(chosen));
}

function perform(running: SimulatedProcess, one: Action): Promise<unknown> {
  const { type } = one;
  return running.run(async (client) => {
    if (type === 'scene') return [await client.generateSceneReference(scene)];
    if (type === 'cards') return client.generateObjectCards({ sessionId: 's', withoutReference: true, objects });
    if (type === 'regenerate')
      return [
        await client
          .session('s')
          .regenerate('lamp')
          .catch(() => client.generateSceneReference(scene)),
      ];
    if (one.type === 'relock') await client.session('s').relock({ backend: one.backend, discardAssets: true });
    return [];
  });
}

/**
 * Checks the promises of the session lock in random orders of calls, faults, expiries, kills and restarts.
 * @param createStore An empty store for each run. Default: in memory.
 */
export async function checkSessionLock(
  runs: number,
  createStore: () => Promise<Store> | Store = createMemoryStore,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(action, { minLength: 2, maxLength: 12 }),
      policy,
      async (scheduler, actions, chosen) => {
        const world = new SimulatedWorld(await outputFolder(), scheduler, await createStore());
        const processes = start(world, chosen);
        const calls: Promise<unknown>[] = [];
        const { task } = scheduler.scheduleSequence(
          actions.map((one) => ({
            label: JSON.stringify(one),
            builder: async () => {
              if (one.type === 'mode') return world.setMode(one.service, one.mode);
              const running = processes[one.process] as SimulatedProcess;
              if (one.type !== 'kill') {
                calls.push(perform(running, one));
                return undefined;
              }
              running.kill();
              processes[one.process] = world.start(chosen);
              return undefined;
            },
          })),
        );
        await scheduler.waitFor(Promise.race([task.then(() => Promise.all(calls)), world.stuck.promise]));
        expect(world.violations).toEqual([]);

        // All processes are gone and the services work again: the stored state must be enough to finish.
        for (const running of processes) running.kill();
        world.setMode(0, 'up');
        world.setMode(1, 'up');
        const { client } = world.start('fail', false);
        for await (const result of client.resume()) void result;
        const reference = await client.generateSceneReference(scene);
        const cards = await client.generateObjectCards({ sessionId: 's', objects });
        expect([reference, ...cards].map((result) => (result.success ? 'there' : result.error.message))).toEqual([
          'there',
          'there',
          'there',
        ]);
        expect(world.violations).toEqual([]);

        // Every paid job is reported, and no claim has cost more than one unused image.
        const rows = await world.rows();
        const assets = await world.store.sessions.assets('s');
        const used = new Set(assets.map((asset) => assetOf(asset).made?.jobId));
        const wasted = new Map<number, number>();
        for (const job of world.services.flatMap((service) => service.jobs)) {
          if (job.key === 'untold') continue;
          const row = rows.find(({ key }) => key === job.key);
          expect(row).toBeDefined();
          const choice = Number(row?.taskId.split('@')[1]?.split('#')[0]);
          if (!used.has(job.jobId) && !world.lockedChoices.has(choice))
            wasted.set(choice, (wasted.get(choice) ?? 0) + 1);
        }
        for (const [choice, count] of wasted) expect(count).toBeLessThanOrEqual(world.claims.get(choice)?.size ?? 0);
        await client.close();
        await world.store.close();
      },
    ),
    { numRuns: runs },
  );
}
