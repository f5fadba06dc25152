import type { ImageError, ImageErrorKind, ImageErrorOutcome } from '@holodeck/core';
import type { JobHandle } from '@holodeck/core/backend';
import type { BackendFixture } from './backend-fixture.ts';
import type { DefineTest } from './backend-suite.ts';
import type { HarnessFault } from './backend-harness.ts';

interface ExpectedFault {
  readonly fault: HarnessFault;
  readonly name: string;
  readonly kinds: readonly ImageErrorKind[];
  readonly outcomes: readonly ImageErrorOutcome[];
}

const faults: readonly ExpectedFault[] = [
  {
    fault: 'fail-job',
    name: 'a job that fails: failed, and nothing else',
    kinds: ['job-failed', 'content-policy', 'unavailable', 'invalid-request', 'quota'],
    outcomes: ['failed'],
  },
  {
    fault: 'forget-job',
    name: 'a job that the service has forgotten: lost or failed, and found out in finite time',
    kinds: ['job-failed', 'unavailable'],
    outcomes: ['lost', 'failed'],
  },
  {
    fault: 'damage-image',
    name: 'bytes that are not an image: a bad response, never a success',
    kinds: ['bad-response'],
    outcomes: ['accepted', 'lost'],
  },
  {
    fault: 'cut-image',
    name: 'an image that is cut short: to be fetched again or lost, never a success',
    kinds: ['bad-response', 'unavailable'],
    outcomes: ['accepted', 'lost', 'unknown'],
  },
  {
    fault: 'expire-image',
    name: 'an image that has expired: lost',
    kinds: ['job-failed'],
    outcomes: ['lost'],
  },
];

/** What goes wrong after a job was taken: the right kind, the right word for the money, and never another submission. */
export function defineFaultTests(test: DefineTest): void {
  for (const { fault, name, kinds, outcomes } of faults) {
    test(name, async (fixture) => {
      const { expect } = fixture;
      await fixture.provoke(fault);
      const { error, handle } = await runToFailure(fixture);
      expect(kinds, error.message).toContain(error.kind);
      expect(outcomes, error.message).toContain(error.outcome);
      await fixture.expectSubmissions(1);
      await fixture.calm();
      if (error.outcome === 'accepted' && handle !== undefined) {
        const { context } = await fixture.collect(handle);
        expect(context.image(0)?.info?.complete, 'the image of a second collect').toBe(true);
        await fixture.expectSubmissions(1);
      }
    });
  }

  test('questions that fail: the job stays accepted and is collected later', async (fixture) => {
    await fixture.provoke('hold-job');
    const handle = await fixture.submit();
    await fixture.provoke('fail-query');
    const context = fixture.context();
    const collecting = fixture.within(fixture.backend.collect(handle, context), 'collect');
    const settled = collecting.then(
      () => undefined,
      (error: unknown) => error,
    );
    // A backend may survive the fault and keep waiting; then the job ends while it waits.
    const early = await Promise.race([settled, waited(fixture, context)]);
    await fixture.calm();
    const error = early === 'waiting' ? await settled : early;
    if (error !== undefined) {
      const judged = await fixture.failureOf('collect', collecting);
      fixture.expect(judged).toMatchObject({ outcome: 'accepted', retryable: true });
      await fixture.collect(handle);
    }
    await fixture.expectSubmissions(1);
  });
}

async function waited(fixture: BackendFixture, context: { readonly polls: number }): Promise<'waiting'> {
  const since = performance.now();
  await fixture.until('some time for questions', () => context.polls >= 20 || performance.now() - since > 300);
  return 'waiting';
}

/** Submits and collects; one of the two must fail. */
async function runToFailure(
  fixture: BackendFixture,
): Promise<{ readonly error: ImageError; readonly handle: JobHandle | undefined }> {
  const submitting = fixture.submit();
  const handle = await submitting.catch(() => undefined);
  if (handle === undefined) return { error: await fixture.failureOf('submit', submitting), handle };
  const error = await fixture.failureOf('collect', fixture.backend.collect(handle, fixture.context()));
  return { error, handle };
}
