import { ImageError } from '@holodeck/core';
import type { ImageErrorKind } from '@holodeck/core';
import type { BackendFixture } from './backend-fixture.ts';
import type { DefineTest } from './backend-suite.ts';
import type { RecordingContext } from './recording-context.ts';

const stopped: readonly ImageErrorKind[] = ['aborted', 'timeout'];

/** An abort at each stage ends the wait immediately, and its outcome says whether the job is paid. */
export function defineAbortTests(test: DefineTest): void {
  test(
    'before the submission: nothing is sent',
    async (fixture) => {
      const context = fixture.context();
      context.abort();
      const error = await fixture.failureOf('submit', fixture.submit({}, context));
      fixture.expect(error).toMatchObject({ kind: 'aborted', outcome: 'not-submitted' });
      await fixture.expectSubmissions(0);
    },
    { images: 0 },
  );

  test(
    'right before the submission leaves: nothing is sent',
    async (fixture) => {
      const gone = new ImageError({
        kind: 'aborted',
        outcome: 'not-submitted',
        backend: fixture.backend.name,
        message: 'The caller has gone.',
      });
      let asked = 0;
      const beforeSend = (): Promise<never> => {
        asked += 1;
        return Promise.reject(gone);
      };
      const context = Object.assign(fixture.context(), { beforeSend });
      // Its error does not matter: the driver knows why nothing was sent.
      const error = await fixture.failureOf('submit', fixture.submit({}, context));
      fixture.expect(error.outcome, error.message).toBe('not-submitted');
      fixture.expect(asked).toBe(1);
      await fixture.expectSubmissions(0);
    },
    { images: 0 },
  );

  test('the first byte waits for the driver, which writes its row before it', async (fixture) => {
    const allowed = Promise.withResolvers<void>();
    let asked = 0;
    const beforeSend = (): Promise<void> => {
      asked += 1;
      return allowed.promise;
    };
    const submitting = fixture.submit({}, Object.assign(fixture.context(), { beforeSend }));
    submitting.catch(() => undefined);
    await fixture.until('the backend is about to send', () => asked > 0);
    await fixture.calm();
    await fixture.expectSubmissions(0);
    allowed.resolve();
    await submitting;
    await fixture.expectSubmissions(1);
  });

  test('while a submission is on the wire: unknown, and not sent again', async (fixture) => {
    const { expect, harness } = fixture;
    await fixture.provoke('hold-submission');
    const context = fixture.context();
    const submitting = fixture.submit({}, context);
    submitting.catch(() => undefined);
    await fixture.until('the server has the submission', async () => (await harness.submissions()) > 0);
    context.abort();
    const error = await fixture.failureOf('submit', submitting);
    expect(error.outcome, error.message).toBe('unknown');
    expect(stopped, error.message).toContain(error.kind);
    await fixture.expectSubmissions(1);
  });

  test('by a deadline while a submission is on the wire: a timeout that may have been taken', async (fixture) => {
    const { expect, harness } = fixture;
    await fixture.provoke('hold-submission');
    const context = fixture.context();
    const submitting = fixture.submit({}, context);
    submitting.catch(() => undefined);
    await fixture.until('the server has the submission', async () => (await harness.submissions()) > 0);
    context.abort(deadline(fixture));
    const error = await fixture.failureOf('submit', submitting);
    expect(error).toMatchObject({ kind: 'timeout', outcome: 'unknown' });
  });

  test('before a collection: the job stays accepted', async (fixture) => {
    const handle = await fixture.submit();
    const context = fixture.context();
    context.abort();
    await stops(fixture, fixture.backend.collect(handle, context));
    await fixture.collect(handle);
    await fixture.expectSubmissions(1);
  });

  test('while the job runs: the job stays accepted and is collected later', async (fixture) => {
    await fixture.provoke('hold-job');
    const handle = await fixture.submit();
    const context = fixture.context();
    const collecting = fixture.backend.collect(handle, context);
    collecting.catch(() => undefined);
    await isWaiting(fixture, context);
    context.abort();
    await stops(fixture, collecting);
    fixture.expect(context.steps).not.toContain('ended');
    await fixture.calm();
    await fixture.collect(handle);
    await fixture.expectSubmissions(1);
  });

  test('by a deadline while the job runs: a timeout with the job accepted', async (fixture) => {
    await fixture.provoke('hold-job');
    const handle = await fixture.submit();
    const context = fixture.context();
    const collecting = fixture.backend.collect(handle, context);
    collecting.catch(() => undefined);
    await isWaiting(fixture, context);
    context.abort(deadline(fixture));
    const error = await stops(fixture, collecting);
    fixture.expect(error.kind, error.message).toBe('timeout');
  });

  test('while an image arrives: the job stays accepted and its image is fetched later', async (fixture) => {
    await fixture.provoke('hold-image');
    const handle = await fixture.submit();
    const context = fixture.context();
    const collecting = fixture.backend.collect(handle, context);
    collecting.catch(() => undefined);
    await fixture.until('bytes of the image arrive', () => context.steps.some((step) => step.startsWith('write ')));
    context.abort();
    await stops(fixture, collecting);
    fixture.expect(context.steps).toContain('ended');
    for (const index of context.indexes) fixture.expect(context.image(index)?.state).not.toBe('closed');
    await fixture.calm();
    await fixture.collect(handle);
    await fixture.expectSubmissions(1);
  });
}

async function isWaiting(fixture: BackendFixture, context: RecordingContext): Promise<void> {
  if (fixture.backend.capabilities.progress === 'poll')
    await fixture.until('the backend asks about the job', () => context.polls >= 2);
  else await fixture.until('the backend waits for the job', () => true);
}

async function stops(fixture: BackendFixture, collecting: Promise<unknown>): Promise<ImageError> {
  const error = await fixture.failureOf('collect', collecting);
  fixture.expect(error.outcome, error.message).toBe('accepted');
  fixture.expect(stopped, error.message).toContain(error.kind);
  return error;
}

/** The abort reason of the driver's deadline. */
function deadline({ backend }: BackendFixture): ImageError {
  return new ImageError({
    kind: 'timeout',
    outcome: 'not-submitted',
    retryable: true,
    backend: backend.name,
    message: 'The task took longer than it may (timeoutMs).',
  });
}
