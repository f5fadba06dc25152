import type { ImageBackend, ImageError } from '@holodeck/core';
import { ImageError as ImageErrorClass } from '@holodeck/core';
import type { BackendFixture } from './backend-fixture.ts';
import type { DefineTest } from './backend-suite.ts';
import type { BackendVariant, HarnessFault } from './backend-harness.ts';
import { capturingLogger } from './recording-context.ts';
import { hits } from './secret-search.ts';

const faults: readonly HarnessFault[] = [
  'refuse-for-load',
  'refuse-for-quota',
  'refuse-for-content',
  'lose-answer',
  'reset-submission',
  'fail-at-gateway',
  'answer-with-page',
  'fail-job',
  'damage-image',
  'cut-image',
  'expire-image',
];

/** Keys and signed addresses stand in no error, log line, event, warning, handle or report: all of them are shown and kept. */
export function defineSecrecyTests(test: DefineTest): void {
  test('has secrets to look for', async (fixture) => {
    const { secrets } = fixture.harness;
    // With none the other assertions of this topic would pass for nothing.
    if (secrets.length === 0) fixture.skip('the harness names no secrets, so none can be looked for');
    fixture.expect(secrets.filter((secret) => secret.length < 6)).toEqual([]);
  });

  test('shows none when all goes well', async (fixture) => {
    const submitting = fixture.context();
    const handle = await fixture.submit({}, submitting);
    const { result, context } = await fixture.collect(handle);
    const { events, warnings } = context;
    expectNone(fixture, { handle, result, events, warnings, submitting: submitting.events });
  });

  test('shows none in errors and logs, whatever goes wrong', async (fixture) => {
    for (const fault of faults) {
      const turnOn = fixture.harness.faults[fault];
      if (typeof turnOn === 'string') continue;
      await turnOn();
      const { error, rest } = await run(fixture, fixture.backend);
      expectNone(fixture, { error, message: error?.message, rest }, fault);
      await fixture.calm();
    }
  });

  test('shows none when it is configured wrongly', async (fixture) => {
    for (const variant of ['wrong-credential', 'unreachable'] satisfies readonly BackendVariant[]) {
      if (typeof fixture.harness.variants[variant] === 'string') continue;
      const backend = await fixture.variant(variant);
      const { error, rest } = await run(fixture, backend);
      const context = { signal: new AbortController().signal, logger: capturingLogger(fixture.logged) };
      const report = await fixture.within(backend.probe(context), 'probe');
      expectNone(fixture, { error, message: error?.message, rest, report }, variant);
    }
  });
}

async function run(
  fixture: BackendFixture,
  backend: ImageBackend,
): Promise<{ readonly error: ImageError | undefined; readonly rest: unknown }> {
  const context = fixture.context({ backend });
  const { events, warnings } = context;
  try {
    const handle = await fixture.within(backend.submit(fixture.request(), context), 'submit');
    await fixture.within(backend.collect(handle, context), 'collect');
    return { error: undefined, rest: { events, warnings, handle } };
  } catch (error) {
    if (!ImageErrorClass.isInstance(error)) throw error;
    return { error, rest: { events, warnings, json: JSON.stringify(error) } };
  }
}

function expectNone(fixture: BackendFixture, value: unknown, what: string = 'success'): void {
  const { expect, harness, logged } = fixture;
  expect(hits(value, harness.secrets), `secrets shown after ${what}`).toEqual([]);
  expect(hits(logged, harness.secrets), `secrets logged after ${what}`).toEqual([]);
}
