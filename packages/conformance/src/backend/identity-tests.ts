import type { BackendCapabilities } from '@holodeck/core/backend';
import type { DefineTest } from './backend-suite.ts';
import { hits } from './secret-search.ts';

const free = { images: 0 };

/** What a backend says about itself: locks, manifests and every check before the wire rest on it. */
export function defineIdentityTests(test: DefineTest): void {
  test(
    'names itself, its model and what decides the look, alike in each instance',
    async (fixture) => {
      const { backend, expect } = fixture;
      const other = await fixture.another();
      for (const field of ['name', 'model', 'fingerprint'] as const) {
        expect(typeof backend[field], field).toBe('string');
        expect(backend[field].trim(), field).not.toBe('');
        expect(other[field], field).toBe(backend[field]);
      }
      expect(backend.name).toMatch(/^[a-z][a-z0-9-]*$/);
    },
    free,
  );

  test(
    'declares its capabilities as plain data, alike in each instance',
    async (fixture) => {
      const { backend, expect } = fixture;
      const { validate, ...data } = backend.capabilities;
      expect(['function', 'undefined']).toContain(typeof validate);
      // structuredClone throws for functions, and loses getters and classes.
      expect(structuredClone(data)).toEqual(data);
      expect(JSON.parse(JSON.stringify(data))).toEqual(data);
      const { validate: _other, ...otherData } = (await fixture.another()).capabilities;
      expect(otherData).toEqual(data);
    },
    free,
  );

  test(
    'declares capabilities that can be true',
    async ({ backend, expect }) => {
      expect(impossible(backend.capabilities)).toEqual([]);
    },
    free,
  );

  test(
    'has a method for each ability that it declares, and no other',
    async ({ backend, expect }) => {
      const { locatable, cancellable } = backend.capabilities;
      expect(typeof backend.locate, 'locate').toBe(locatable ? 'function' : 'undefined');
      expect(typeof backend.handleFor, 'handleFor').toBe(locatable ? 'function' : 'undefined');
      expect(typeof backend.cancel, 'cancel').toBe(cancellable ? 'function' : 'undefined');
    },
    free,
  );

  test(
    'has lanes with ids that are the same in each instance, differ from each other and hold no secret',
    async (fixture) => {
      const { backend, expect, harness } = fixture;
      const ids = backend.lanes.map(({ id }) => id);
      expect(ids.length).toBeGreaterThanOrEqual(1);
      expect(new Set(ids).size).toBe(ids.length);
      expect((await fixture.another()).lanes.map(({ id }) => id)).toEqual(ids);
      for (const lane of backend.lanes) {
        expect(lane.label.trim()).not.toBe('');
        expect(Number.isSafeInteger(lane.defaultMaxConcurrent) && lane.defaultMaxConcurrent >= 1).toBe(true);
      }
      expect(hits(backend.lanes, harness.secrets)).toEqual([]);
    },
    free,
  );

  test(
    'sends nothing before its first call',
    async ({ harness, expect }) => {
      expect(await harness.submissions()).toBe(0);
      expect(await harness.openConnections()).toBe(0);
    },
    free,
  );
}

/** One sentence for each thing in a record that cannot be. */
function impossible(capabilities: BackendCapabilities): string[] {
  const { size, maxPromptLength, maxNegativePromptLength, maxCount, seed, references, formats } = capabilities;
  const problems: string[] = [];
  const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
  const check = (holds: boolean, problem: string): void => void (holds || problems.push(problem));
  check(isWhole(maxPromptLength), 'maxPromptLength is not a whole number of 1 or more');
  check(maxNegativePromptLength === undefined || isWhole(maxNegativePromptLength), 'maxNegativePromptLength');
  check(isWhole(maxCount), 'maxCount is not a whole number of 1 or more');
  check(seed === undefined || (Number.isSafeInteger(seed.min) && Number.isSafeInteger(seed.max)), 'seed is not exact');
  check(seed === undefined || seed.min < seed.max, 'seed.min is not below seed.max');
  check((size.minSide ?? 1) <= (size.maxSide ?? Infinity), 'size.minSide is above size.maxSide');
  check((size.minPixels ?? 1) <= (size.maxPixels ?? Infinity), 'size.minPixels is above size.maxPixels');
  check(size.oneOf === undefined || size.oneOf.length > 0, 'size.oneOf is empty');
  check(references === undefined || references.roles.length > 0, 'references.roles is empty');
  check(
    references === undefined || isWhole(references.maxCount),
    'references.maxCount is not a whole number of 1 or more',
  );
  check(references === undefined || references.mediaTypes.every((type) => /^image\/[a-z]+$/.test(type)), 'mediaTypes');
  check(
    formats.every((format) => ['png', 'jpeg', 'webp'].includes(format)),
    'formats has an unknown one',
  );
  check(['none', 'poll', 'push'].includes(capabilities.progress), 'progress is unknown');
  check(['refusal', 'headers', 'none'].includes(capabilities.limitSignal), 'limitSignal is unknown');
  for (const flag of ['style', 'transparentBackground', 'locatable', 'cancellable', 'billable'] as const)
    check(typeof capabilities[flag] === 'boolean', `${flag} is not a boolean`);
  return problems;
}
