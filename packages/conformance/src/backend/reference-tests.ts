import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageErrorKind, ReferenceInput, ReferenceRole } from '@holodeck/core';
import type { BackendFixture } from './backend-fixture.ts';
import type { SeenReference } from './backend-harness.ts';
import type { DefineTest } from './backend-suite.ts';
import { made, refused } from './option-tests.ts';
import { png, preparedSample, sampleColour, sampleImages } from './sample-images.ts';

const free = { images: 0 };
const invalid: readonly ImageErrorKind[] = ['invalid-request', 'unsupported'];
/** Larger files than this are not made for a test. */
const largestFile = 256 * 1024 * 1024;
/** How far a colour may be off after another encoding, per channel. */
const tolerance = 12;

/** Reference pictures: a session's one look hangs on their arriving whole, in order, and in the role that was meant. */
export function defineReferenceTests(test: DefineTest): void {
  test(
    'refuses them where they are not declared, and roles that are not',
    async (fixture) => {
      const { references } = fixture.backend.capabilities;
      for (const role of ['style', 'init'] as const) {
        if (references?.roles.includes(role) === true) continue;
        await refused(fixture, { references: [sample(role, 0)] }, ['unsupported'], `role ${role}`);
      }
      if (references === undefined) return;
      await refused(fixture, { references: [sample('other' as ReferenceRole, 0)] }, invalid);
    },
    free,
  );

  test(
    'refuses too many, other kinds of files and what is not a picture',
    async (fixture) => {
      const rule = fixture.backend.capabilities.references;
      const [role = 'style'] = rule?.roles ?? [];
      const many = Array.from({ length: (rule?.maxCount ?? 0) + 1 }, (_, index) => sample(role, index));
      await refused(fixture, { references: many }, invalid, `${many.length} references`);
      for (const [mediaType, make] of Object.entries(sampleImages)) {
        if (rule?.mediaTypes.includes(mediaType) === true) continue;
        await refused(fixture, { references: [{ role, bytes: make(sampleColour(0)) }] }, invalid, mediaType);
      }
      const whole = png(sampleColour(0));
      const wrong: readonly ReferenceInput[] = [
        { role, bytes: Buffer.from('This is a text.') },
        { role, bytes: whole.subarray(0, whole.length / 2) },
        { role, bytes: new Uint8Array() },
        { role, path: join(fixture.folder, 'missing.png') },
        { role },
      ];
      for (const reference of wrong) await refused(fixture, { references: [reference] }, invalid);
    },
    free,
  );

  test(
    'refuses pictures outside the limits of its rule',
    async (fixture) => {
      const rule = fixture.backend.capabilities.references;
      if (rule === undefined) return refused(fixture, { references: [sample('style', 0)] }, ['unsupported']);
      const { roles, minSide, maxSide, maxBytes } = rule;
      const [role = 'style'] = roles;
      const refuse = async (bytes: Uint8Array, what: string): Promise<void> => {
        const path = join(fixture.folder, 'reference.png');
        await writeFile(path, bytes);
        await refused(fixture, { references: [{ role, path }] }, invalid, what);
      };
      if (minSide !== undefined && minSide > 1)
        await refuse(png(sampleColour(0), minSide - 1), 'a side that is too short');
      if (maxSide !== undefined) await refuse(png(sampleColour(0), maxSide + 1), 'a side that is too long');
      if (maxBytes !== undefined && maxBytes <= largestFile)
        await refuse(png(sampleColour(0), undefined, maxBytes), 'a file that is too long');
    },
    free,
  );

  test('sends as many as it declares, whole and in order', async (fixture) => {
    const rule = fixture.backend.capabilities.references;
    if (rule === undefined) return refused(fixture, { references: [sample('style', 0)] }, ['unsupported']);
    for (const role of rule.roles) {
      const count = acceptedCount(fixture, role, rule.maxCount);
      fixture.expect(count, `references with role ${role}`).toBeGreaterThanOrEqual(1);
      const references = Array.from({ length: count }, (_, index) => sample(role, index));
      await made(fixture, { references });
      const seen = (await fixture.lastSubmission()).references ?? [];
      fixture.expect(seen).toHaveLength(count);
      for (const [index, reference] of seen.entries())
        fixture.expect(difference(reference, index), `reference ${index + 1}`).toBe('');
    }
  });

  test('sends every kind of file that it declares', async (fixture) => {
    const rule = fixture.backend.capabilities.references;
    if (rule === undefined) return refused(fixture, { references: [sample('style', 0)] }, ['unsupported']);
    const [role = 'style'] = rule.roles;
    for (const mediaType of rule.mediaTypes) {
      const make = sampleImages[mediaType];
      if (make === undefined) throw new Error(`The suite has no picture of the type ${mediaType}.`);
      await made(fixture, { references: [{ role, bytes: make(sampleColour(0)) }] });
      fixture.expect((await fixture.lastSubmission()).references ?? [], mediaType).toHaveLength(1);
    }
  });

  test('notices a file that has changed since the task began', async (fixture) => {
    const rule = fixture.backend.capabilities.references;
    if (rule === undefined) return refused(fixture, { references: [sample('style', 0)] }, ['unsupported']);
    const [role = 'style'] = rule.roles;
    const path = join(fixture.folder, 'reference.png');
    await writeFile(path, png(sampleColour(0)));
    const beforeSubmit = async (): Promise<void> => writeFile(path, png(sampleColour(1)));
    const client = fixture.client({ beforeSubmit });
    const result = await fixture.within(client.generate(fixture.task({ references: [{ role, path }] })), 'generate');
    if (result.success) throw new Error('A picture was sent that is not the one that was checked.');
    fixture.expect(result.error).toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted' });
    await fixture.expectSubmissions(0);
  });
}

function sample(role: ReferenceRole, index: number): ReferenceInput {
  return { role, bytes: png(sampleColour(index)) };
}

/** How many pictures of one role `validate` lets pass: a backend may take fewer of each role than of all. */
function acceptedCount(fixture: BackendFixture, role: ReferenceRole, maxCount: number): number {
  const { validate = () => [] } = fixture.backend.capabilities;
  for (let count = maxCount; count > 0; count -= 1) {
    const references = Array.from({ length: count }, (_, index) => preparedSample(role, index));
    if (validate(fixture.request({ references })).length === 0) return count;
  }
  return 0;
}

/** How the received picture differs from the one that was sent at this place; empty = not at all. */
function difference({ bytes, colour }: SeenReference, index: number): string {
  const sent = sampleColour(index);
  if (hash(bytes) === hash(png(sent))) return '';
  if (colour === undefined) return 'other bytes than were sent, and its colour cannot be seen';
  const isNear = colour.every((level, channel) => Math.abs(level - (sent[channel] ?? 0)) <= tolerance);
  return isNear ? '' : `its colour is ${colour.join(',')} instead of ${sent.join(',')}`;
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
