import type { ImageErrorKind } from '@holodeck/core';
import type { BackendFixture } from './backend-fixture.ts';
import type { DefineTest } from './backend-suite.ts';
import type { HarnessFault } from './backend-harness.ts';
import { hits } from './secret-search.ts';

/** One submission per `submit`, whatever happens: a second one would be paid twice. */
export function defineSubmissionTests(test: DefineTest): void {
  test(
    'sends once and hands back a handle that is plain JSON and holds no secret',
    async (fixture) => {
      const { backend, expect, harness, lane } = fixture;
      const context = fixture.context();
      const handle = await fixture.submit({}, context);
      await fixture.expectSubmissions(1);
      expect(JSON.parse(JSON.stringify(handle))).toEqual(handle);
      expect(handle).toMatchObject({ version: 1, backend: backend.name, lane: lane.id, key: context.key });
      expect(handle.credential).toMatch(/^[0-9a-f]{16}$/);
      expect(handle.jobId.trim()).not.toBe('');
      expect(Number.isFinite(handle.acceptedAtMs)).toBe(true);
      expect(hits(handle, harness.secrets)).toEqual([]);
    },
    { images: 1 },
  );

  test('keeps two submissions at once apart', async (fixture) => {
    const [first, second] = await Promise.all([
      fixture.submit({ prompt: 'a red kettle' }),
      fixture.submit({ prompt: 'a blue chair' }),
    ]);
    fixture.expect(second.jobId).not.toBe(first.jobId);
    const images = await Promise.all([first, second].map(async (handle) => (await fixture.collect(handle)).context));
    const [one, other] = images.map((context) => context.image(0)?.sha256);
    fixture.expect(typeof one).toBe('string');
    fixture.expect(other).not.toBe(one);
    await fixture.expectSubmissions(2);
  });

  const refusals: readonly (readonly [HarnessFault, string, readonly ImageErrorKind[], boolean])[] = [
    ['refuse-for-load', 'a refusal for load', ['rate-limit', 'concurrency-limit', 'unavailable'], true],
    ['refuse-for-quota', 'a refusal for lack of money', ['quota'], false],
    ['refuse-for-content', 'a refusal of the words', ['content-policy'], false],
  ];
  for (const [fault, what, kinds, retryable] of refusals) {
    test(`reports ${what} as rejected, after one call, and then works again`, async (fixture) => {
      const { expect } = fixture;
      await fixture.provoke(fault);
      const error = await fixture.failureOf('submit', fixture.submit());
      expect(error.outcome, error.message).toBe('rejected');
      expect(kinds, error.message).toContain(error.kind);
      expect(error.retryable, `retryable: ${error.message}`).toBe(retryable);
      await fixture.expectSubmissions(1);
      await fixture.calm();
      await fixture.collect(await fixture.submit());
      await fixture.expectSubmissions(2);
    });
  }

  test('reports a refused credential as rejected', async (fixture) => {
    const { expect } = fixture;
    const backend = await fixture.variant('wrong-credential');
    const error = await fixture.failureOf('submit', backend.submit(fixture.request(), fixture.context({ backend })));
    expect(error).toMatchObject({ kind: 'auth', outcome: 'rejected', retryable: false });
    expect(await fixture.harness.submissions()).toBeLessThanOrEqual(1);
  });

  test(
    'reports a server that is not reached as not submitted',
    async (fixture) => {
      const backend = await fixture.variant('unreachable');
      const error = await fixture.failureOf('submit', backend.submit(fixture.request(), fixture.context({ backend })));
      fixture.expect(error).toMatchObject({ kind: 'unavailable', outcome: 'not-submitted', retryable: true });
    },
    { images: 0 },
  );

  const ambiguous: readonly (readonly [HarnessFault, string])[] = [
    ['lose-answer', 'whose answer is lost'],
    ['reset-submission', 'whose connection is reset'],
    ['fail-at-gateway', 'that a gateway answers with 502'],
  ];
  for (const [fault, what] of ambiguous) {
    test(`leaves a submission ${what} as unknown, and sends nothing again`, async (fixture) => {
      const { backend, expect, harness } = fixture;
      await fixture.provoke(fault);
      const context = fixture.context();
      const error = await fixture.failureOf('submit', fixture.submit({}, context));
      expect(error.outcome, error.message).toBe('unknown');
      expect(await harness.submissions(), 'submissions').toBe(1);
      await fixture.calm();
      if (backend.locate === undefined) return;
      // It may not know, but its answer must be true.
      const found = await backend.locate(context.key, context).catch(() => 'cannot tell');
      expect(fault === 'lose-answer' ? ['found', 'cannot tell'] : ['absent', 'cannot tell']).toContain(found);
      if (found === 'found') await collectLocated(fixture, context.key);
      await fixture.expectSubmissions(1);
    });
  }

  test('believes no page of HTML: neither a job nor a refusal', async (fixture) => {
    await fixture.provoke('answer-with-page');
    const error = await fixture.failureOf('submit', fixture.submit());
    fixture.expect(['unknown', 'lost'], error.message).toContain(error.outcome);
    await fixture.expectSubmissions(1);
  });

  test('works where nothing is kept on disk', async (fixture) => {
    const handle = await fixture.submit({}, fixture.context({ inMemory: true }));
    const { context } = await fixture.collect(handle, { context: fixture.context({ inMemory: true }) });
    fixture.expect(context.image(0)?.info?.complete).toBe(true);
    await fixture.expectSubmissions(1);
  });
}

async function collectLocated(fixture: BackendFixture, key: string): Promise<void> {
  const { backend, expect } = fixture;
  const handle = backend.handleFor?.(key, fixture.context({ key }));
  if (handle === undefined) throw new Error('A backend that locates needs handleFor.');
  expect(handle.key).toBe(key);
  const { context } = await fixture.collect(handle);
  expect(context.image(0)?.info?.complete).toBe(true);
}
