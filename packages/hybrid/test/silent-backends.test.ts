import { expect, it } from 'vitest';
import type { HybridClient } from '../src/index.ts';
import { FakeService } from './support/fake-service.ts';
import { HandClock } from './support/hand-clock.ts';
import { hybrid, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

/** A client over services, some of which never answer their probe until it times out. */
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

it('tries a backend whose probe timed out after those that answered', async () => {
  const [first, second] = [new FakeService('first'), new FakeService('second')];
  const hybridClient = await client([first, second], [first]);
  expect(await hybridClient.generateSceneReference(scene)).toMatchObject({ success: true, backend: 'second' });
  expect(first.submissions).toBe(0);
});

it('tries it if no other backend can be used', async () => {
  const [first, second] = [new FakeService('first'), new FakeService('second')];
  first.status = 'down';
  const hybridClient = await client([first, second], [second]);
  expect(await hybridClient.generateSceneReference(scene)).toMatchObject({ success: true, backend: 'second' });
  expect(first.submissions).toBe(0);
});

it('tries the first of several silent backends', async () => {
  const services = [new FakeService('first'), new FakeService('second')];
  const hybridClient = await client(services, services);
  expect(await hybridClient.generateSceneReference(scene)).toMatchObject({ success: true, backend: 'first' });
});
