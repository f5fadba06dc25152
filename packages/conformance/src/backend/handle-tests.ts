import type { ImageError } from '@holodeck/core';
import type { JobHandle } from '@holodeck/core/backend';
import type { BackendFixture } from './backend-fixture.ts';
import type { DefineTest } from './backend-suite.ts';

/** A handle is all that is left of a paid job after a crash: it must be enough, and no other account's. */
export function defineHandleTests(test: DefineTest): void {
  test(
    'works after JSON, in another process, once the first is gone',
    async (fixture) => {
      const handle = await fixture.submit();
      const first = await fixture.collect(handle);
      await fixture.backend.close();
      const backend = await fixture.another();
      const { context } = await fixture.collect(throughJson(handle), { backend });
      fixture.expect(context.image(0)?.sha256).toBe(first.context.image(0)?.sha256);
      await fixture.expectSubmissions(1);
    },
    { images: 1 },
  );

  test('works in another process while the job still runs', async (fixture) => {
    await fixture.provoke('hold-job');
    const handle = await fixture.submit();
    await fixture.backend.close();
    const backend = await fixture.another();
    const collecting = fixture.collect(throughJson(handle), { backend });
    await fixture.calm();
    const { context } = await collecting;
    fixture.expect(context.image(0)?.info?.complete).toBe(true);
    await fixture.expectSubmissions(1);
  });

  test(
    'of another account is refused, and its job left alone',
    async (fixture) => {
      const backend = await fixture.variant('other-account');
      const handle = await fixture.submit();
      const error = await refusal(fixture, backend.collect(handle, fixture.context({ backend })));
      fixture.expect(['auth', 'internal', 'invalid-request', 'session']).toContain(error.kind);
      await fixture.collect(handle);
      await fixture.expectSubmissions(1);
    },
    { images: 1 },
  );

  test(
    'of another backend or version is refused, and its job left alone',
    async (fixture) => {
      const { backend } = fixture;
      const handle = await fixture.submit();
      for (const other of [
        { backend: 'another' },
        { version: 2 },
        { lane: 'another' },
        { credential: '0'.repeat(16) },
      ]) {
        const wrong = { ...handle, ...other } as JobHandle;
        await refusal(fixture, backend.collect(wrong, fixture.context()));
      }
      await fixture.expectSubmissions(1);
    },
    { images: 1 },
  );

  test('leads to the lane of its job, where the backend has several', async (fixture) => {
    const { backend, expect } = fixture;
    const lanes = backend.lanes.filter(({ collectOnly }) => collectOnly !== true);
    if (lanes.length === 1) fixture.skip('it has one lane');
    for (const lane of lanes) {
      const handle = await fixture.submit({}, fixture.context({ lane }));
      expect(handle.lane).toBe(lane.id);
      const { context } = await fixture.collect(throughJson(handle), { context: fixture.context({ lane }) });
      expect(context.image(0)?.info?.complete).toBe(true);
    }
    await fixture.expectSubmissions(lanes.length);
  });

  test('is found again by its key, where the backend can locate', async (fixture) => {
    const { backend, expect } = fixture;
    if (backend.locate === undefined) {
      expect(backend.capabilities.locatable).toBe(false);
      return;
    }
    const submitted = fixture.context();
    const handle = await fixture.submit({}, submitted);
    const { key } = submitted;
    expect(await fixture.within(backend.locate(key, fixture.context({ key })), 'locate')).toBe('found');
    const located = backend.handleFor?.(key, fixture.context({ key }));
    expect(located).toMatchObject({ version: 1, backend: backend.name, key, credential: handle.credential });
    if (located === undefined) return;
    const { context } = await fixture.collect(throughJson(located));
    expect(context.image(0)?.info?.complete).toBe(true);
    // For a submission that never existed it may say "absent" or fail, but not "found".
    const never = fixture.context();
    const answer = await fixture.within(
      backend.locate(never.key, never).catch(() => 'cannot tell'),
      'locate',
    );
    expect(['absent', 'cannot tell']).toContain(answer);
    await fixture.expectSubmissions(1);
  });

  test('is enough to stop a job, where the backend can cancel', async (fixture) => {
    const { backend, expect } = fixture;
    if (backend.cancel === undefined) {
      expect(backend.capabilities.cancellable).toBe(false);
      return;
    }
    await fixture.provoke('hold-job');
    const handle = throughJson(await fixture.submit());
    await fixture.within(backend.cancel(handle, fixture.context()), 'cancel');
    const error = await fixture.failureOf('collect', backend.collect(handle, fixture.context()));
    expect(['failed', 'lost'], error.message).toContain(error.outcome);
    await fixture.calm();
    await fixture.expectSubmissions(1);
  });
}

function throughJson(handle: JobHandle): JobHandle {
  return JSON.parse(JSON.stringify(handle)) as JobHandle;
}

/** The handle is refused: nothing is said about its job but that it is still there. */
async function refusal(fixture: BackendFixture, collecting: Promise<unknown>): Promise<ImageError> {
  const error = await fixture.failureOf('collect', collecting);
  fixture.expect(error.outcome, error.message).toBe('accepted');
  fixture.expect(error.retryable, `retryable: ${error.message}`).toBe(false);
  return error;
}
