import type { DefineTest } from './backend-suite.ts';

/** How an accepted job's images are fetched: free, as often as one likes, whole and in order. */
export function defineCollectionTests(test: DefineTest): void {
  test(
    'brings whole images into closed sinks, with rising indexes',
    async (fixture) => {
      const { result, context } = await fixture.collect(await fixture.submit());
      const { expect } = fixture;
      const indexes = result.images.map(({ index }) => index);
      expect(indexes.length).toBeGreaterThanOrEqual(1);
      expect(indexes.every((index, at) => Number.isSafeInteger(index) && index > (indexes[at - 1] ?? -1))).toBe(true);
      for (const index of indexes) {
        expect(context.image(index)?.state, `sink ${index}`).toBe('closed');
        expect(context.image(index)?.info?.complete, `image ${index} is whole`).toBe(true);
      }
      for (const index of context.indexes) expect(context.image(index)?.state, `sink ${index}`).not.toBe('open');
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    },
    { images: 1 },
  );

  test('keeps the images of a submission in the order of the service', async (fixture) => {
    const count = Math.min(fixture.backend.capabilities.maxCount, 3);
    const { result, context } = await fixture.collect(await fixture.submit({ count }));
    const made = await fixture.harness.imagesMade();
    if (typeof made === 'string') fixture.skip(made);
    fixture.expect(made).toHaveLength(count);
    fixture.expect(result.images.map(({ index }) => context.image(index)?.sha256)).toEqual(made);
  });

  test(
    'brings the same images each time, without another submission',
    async (fixture) => {
      const handle = await fixture.submit();
      const first = await fixture.collect(handle);
      const second = await fixture.collect(handle);
      fixture.expect(first.context.image(0)?.info?.complete, 'the first image is whole').toBe(true);
      fixture.expect(second.context.image(0)?.sha256).toBe(first.context.image(0)?.sha256);
      await fixture.expectSubmissions(1);
    },
    { images: 1 },
  );

  test('says once that the job has ended, before its images are there', async (fixture) => {
    const { context } = await fixture.collect(await fixture.submit());
    const { steps } = context;
    fixture.expect(steps.filter((step) => step === 'ended')).toHaveLength(1);
    const firstImage = steps.findIndex((step) => step.startsWith('close '));
    fixture.expect(steps.indexOf('ended')).toBeLessThanOrEqual(firstImage);
  });

  test('reports its progress as the contract says', async (fixture) => {
    const { expect } = fixture;
    const submitting = fixture.context();
    const { context } = await fixture.collect(await fixture.submit({}, submitting));
    for (const event of [...submitting.events, ...context.events]) {
      expect(['queued', 'running', 'preview', 'downloading']).toContain(event.type);
      if (event.type === 'running' && event.fraction !== undefined)
        expect(event.fraction >= 0 && event.fraction <= 1, `fraction ${event.fraction}`).toBe(true);
      if (event.type === 'preview') expect(event.bytes.byteLength).toBeGreaterThan(0);
      if (event.type === 'downloading' && event.total !== undefined)
        expect(event.bytes ?? 0).toBeLessThanOrEqual(event.total);
    }
  });

  test('leaves the pace of its questions to the driver, where it declares that it polls', async (fixture) => {
    const { progress } = fixture.backend.capabilities;
    if (progress !== 'poll') fixture.skip(`it does not poll: its progress is "${progress}"`);
    await fixture.provoke('hold-job');
    const handle = await fixture.submit();
    const context = fixture.context();
    const collecting = fixture.collect(handle, { context });
    await fixture.until('the backend asks the driver three times', () => context.polls >= 3);
    await fixture.calm();
    await collecting;
  });
}
