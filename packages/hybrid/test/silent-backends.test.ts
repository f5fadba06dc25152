import { expect, it } from 'vitest';
import type { HybridClient } from '../src/index.ts';
import { FakeService } from './support/fake-service.ts';
import { HandClock } from './support/hand-clock.ts';
import { hybrid, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

/** A client over services of which some do not answer their probe; the deadlines of these pass. */
async function client(services: readonly FakeService[], silent: readonly FakeService[]): Promise<HybridClient> {
  const clock = new HandClock();
  let answered = 0;
  for (const service of services) {
    service.onProbe = silent.includes(service)
      ? async () => {
          while (answered < services.length - silent.length) await clock.sleep(1);
          await Promise.all([clock.end(3000), new Promise(() => undefined)]);
        }
      : async () => void (answered += 1);
  }
  return hybrid(await outputFolder(), services, { internal: { clock } });
}

it('a backend whose probe had no answer in time is tried after those that have answered', async () => {
  const [first, second] = [new FakeService('first'), new FakeService('second')];
  const hybridClient = await client([first, second], [first]);
  expect(await hybridClient.generateSceneReference(scene)).toMatchObject({ success: true, backend: 'second' });
  expect(first.submissions).toBe(0);
});

it('it is tried when no other one can be used', async () => {
  const [first, second] = [new FakeService('first'), new FakeService('second')];
  first.status = 'down';
  const hybridClient = await client([first, second], [second]);
  expect(await hybridClient.generateSceneReference(scene)).toMatchObject({ success: true, backend: 'second' });
  expect(first.submissions).toBe(0);
});

it('of several that are silent the first is tried', async () => {
  const services = [new FakeService('first'), new FakeService('second')];
  const hybridClient = await client(services, services);
  expect(await hybridClient.generateSceneReference(scene)).toMatchObject({ success: true, backend: 'first' });
});
