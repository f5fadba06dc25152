import type { BackendHarness } from '@holodeck/conformance';
import type { ImageBackend } from '@holodeck/core';
import { describe, expect, it } from 'vitest';
import { createPostcardHarness } from '../examples/postcard-harness.ts';
import { brokenBackends } from './broken-backends.ts';
import type { Break } from './broken-backends.ts';
import { runSuite } from './run-suite.ts';

describe('a backend that', () => {
  // At once: some only wait for what never comes.
  it.concurrent.each(brokenBackends)('$flaw is found out', async ({ topics, breakIt, failures, patienceMs }) => {
    const options = patienceMs === undefined ? {} : { patienceMs };
    const { failed } = await runSuite({ createHarness: async () => brokenHarness(breakIt), topics, options });
    for (const failure of failures)
      expect(
        failed.filter((name) => name.startsWith(failure)),
        failure,
      ).not.toEqual([]);
    const others = failed.filter((name) => !failures.some((failure) => name.startsWith(failure)));
    expect(others, 'what fails besides').toEqual([]);
  });
});

/** The harness of the example with every backend of it broken in one place. */
async function brokenHarness(breakIt: Break): Promise<BackendHarness> {
  const harness = await createPostcardHarness();
  const [secret = ''] = harness.secrets;
  const broken = async (create: BackendHarness['createBackend']): Promise<ImageBackend> => {
    const whole = await create();
    const bound = Object.fromEntries(
      (['probe', 'submit', 'collect', 'close'] as const).map((name) => [name, whole[name].bind(whole)]),
    );
    const { name, model, fingerprint, capabilities, lanes } = whole;
    return { name, model, fingerprint, capabilities, lanes, ...bound, ...breakIt(whole, secret) } as ImageBackend;
  };
  const variants = Object.entries(harness.variants).map(([name, create]) => [
    name,
    typeof create === 'string' ? create : async () => broken(create),
  ]);
  return {
    ...harness,
    createBackend: async () => broken(() => harness.createBackend()),
    variants: Object.fromEntries(variants) as BackendHarness['variants'],
  };
}
