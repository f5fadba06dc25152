import { createHash } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { aigcBlock, labelPicture, readLabels, readMetadata } from '@holodeck/core/labels';
import { paintPng } from '@holodeck/emulators';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createHybridClientFromEnv, readManifest } from '../src/index.ts';
import type { HybridOptions } from '../src/index.ts';
import { FakeService } from './support/fake-service.ts';
import { hybrid } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

const lamp = { id: 'lamp', name: 'lamp' };
const cards = { sessionId: 's', withoutReference: true, objects: [lamp] };
const vocabulary = 'http://cv.iptc.org/newscodes/digitalsourcetype/';
const [generated, composite] = ['trainedAlgorithmicMedia', 'compositeWithTrainedAlgorithmicMedia'].map(
  (term) => `${vocabulary}${term}`,
);
const block = { Label: '1', ContentProducer: 'service', ProduceID: 'picture-7' };
const software = { Software: 'Painter 2' };

/** A PNG file with a further chunk after its header. */
function withChunk(file: Uint8Array, type: string, data: string): Uint8Array {
  const chunk = Buffer.from(`\0\0\0\0${type}${data}\0\0\0\0`, 'latin1');
  chunk.writeUInt32BE(data.length, 0);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return Buffer.concat([file.subarray(0, 33), chunk, file.subarray(33)]);
}

function object(seed = 0): Uint8Array {
  return paintPng({ width: 512, height: 512, prompt: 'lamp', seed, kind: 'object' });
}

/** A picture with an AIGC text, EXIF and a C2PA manifest, as a service delivers it. */
const labelled = withChunk(
  labelPicture(object(), { aigcText: JSON.stringify({ AIGC: block }), exif: software }),
  'caBX',
  'jumb',
);

function serviceWith(picture: Uint8Array): FakeService {
  const service = new FakeService('one');
  service.picture = () => picture;
  return service;
}

const gated: Partial<HybridOptions> = { cards: {} };
const reported: Partial<HybridOptions> = { ...gated, report: true };

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('a card', () => {
  it('keeps what its source says, and says that it is a composite', async () => {
    const outputDir = await outputFolder();
    const service = serviceWith(labelled);
    const [card] = await hybrid(outputDir, [service], gated).generateObjectCards(cards);
    if (!card?.success) throw new Error('no card');
    expect(card.gate?.status).toBe('passed');
    const file = await readFile(card.path);
    expect(readLabels(file)).toEqual({ aigc: block, digitalSourceType: composite, exif: software });
    const { xmp } = readMetadata(file);
    expect(xmp).toContain('<holodeck:Backend>one</holodeck:Backend>');
    expect(xmp).toContain('<holodeck:Model>one-1</holodeck:Model>');
    expect(xmp).toContain(`<holodeck:JobId>${service.jobs[0]?.jobId}</holodeck:JobId>`);
    // The original has the very bytes, with the manifest; the card names it.
    expect(await readFile(card.originalPath!)).toEqual(Buffer.from(labelled));
    const labels = {
      source: { aigc: block, exif: software, c2pa: true, sha256: sha256(labelled) },
      file: { aigc: block, digitalSourceType: composite, exif: software },
    };
    expect(card.labels).toEqual(labels);
    const [asset] = (await readManifest(join(outputDir, 's'))).assets;
    expect(asset).toMatchObject({ labels, sha256: sha256(file), byteLength: file.byteLength });
  });

  it('has the block of the producer where its source has none, with the number of the job', async () => {
    const outputDir = await outputFolder();
    const service = serviceWith(object());
    const producer = '001191110102MACQD9K64010000';
    const client = hybrid(outputDir, [service], { ...reported, label: { producer } });
    const [card] = await client.generateObjectCards(cards);
    const expected = aigcBlock(producer, service.jobs[0]!.jobId);
    expect(card?.success && card.labels?.file.aigc).toEqual(expected);
    const { revision } = await readManifest(join(outputDir, 's'));
    const sheet = readLabels(await readFile(join(outputDir, 's', 'contact-sheet.png')));
    expect(sheet.aigc).toEqual(aigcBlock(producer, `s-${revision}`));
  });

  it('is given another label without being paid again when the producer changes', async () => {
    const outputDir = await outputFolder();
    const service = serviceWith(object());
    await hybrid(outputDir, [service], gated).generateObjectCards(cards);
    const [card] = await hybrid(outputDir, [service], { ...gated, label: { producer: 'studio' } }).generateObjectCards(
      cards,
    );
    expect(card).toMatchObject({
      success: true,
      attempts: 0,
      labels: { file: { aigc: { ContentProducer: 'studio' } } },
    });
    expect(service.jobs).toHaveLength(1);
  });

  it('that is delivered unchanged has the bytes of its source', async () => {
    const service = serviceWith(labelled);
    const [card] = await hybrid(await outputFolder(), [service]).generateObjectCards(cards);
    expect(card?.success && (await readFile(card.path))).toEqual(Buffer.from(labelled));
    expect(card).toMatchObject({ labels: { file: { aigc: block, c2pa: true } } });
  });

  it('passes with any broken metadata', async () => {
    const texts = withChunk(withChunk(object(), 'tEXt', 'AIGC\0{"Label"'), 'iTXt', 'XML:com.adobe.xmp\0\0\0\0\0<x:');
    const bytes = withChunk(withChunk(texts, 'zTXt', 'AIGC\0\0none'), 'eXIf', 'II*\0\xff\xff\xff\xff');
    const [card] = await hybrid(await outputFolder(), [serviceWith(bytes)], gated).generateObjectCards(cards);
    expect(card).toMatchObject({ success: true, gate: { status: 'passed' } });
    expect(card?.success && card.labels?.file).toEqual({ digitalSourceType: composite });
  });
});

it.each(['jpeg', 'webp'] as const)(
  'a %s picture becomes a labelled PNG file, and is kept as delivered',
  async (format) => {
    const outputDir = await outputFolder();
    const encoded = await sharp(object()).toFormat(format).toBuffer();
    const delivered = labelPicture(encoded, {
      xmp: readMetadata(labelPicture(object(), {}, xmpLabel)).xmp!,
      exif: software,
    });
    const service = serviceWith(delivered);
    const client = hybrid(outputDir, [service], reported);
    const reference = await client.generateSceneReference({ sessionId: 's', sceneText: 'a lamp' });
    const [card] = await client.generateObjectCards({ sessionId: 's', objects: [lamp] });
    if (!reference.success || !card?.success) throw new Error('not made');
    const extension = format === 'jpeg' ? 'jpg' : 'webp';
    expect(reference.originalPath).toBe(join(outputDir, 's', `scene-ref.original.${extension}`));
    expect(await readFile(reference.originalPath!)).toEqual(Buffer.from(delivered));
    expect(await readFile(card.originalPath!)).toEqual(Buffer.from(delivered));
    const said = { aigc: block, exif: software };
    expect(reference.labels).toEqual({
      source: { ...said, digitalSourceType: generated, sha256: sha256(delivered) },
      file: { ...said, digitalSourceType: generated },
    });
    expect(card.labels?.file).toEqual({ ...said, digitalSourceType: composite });
    expect((await sharp(reference.path).metadata()).format).toBe('png');
    // The reference that the service was sent says the same.
    const sent = await service.jobs[1]!.request.references[0]!.read();
    expect(readLabels(sent)).toEqual(reference.labels?.file);
    // So do the small pictures of the report, and the sheet.
    const html = await readFile(join(outputDir, 's', 'session.html'), 'utf8');
    const small = [...html.matchAll(/data:image\/webp;base64,([^"]+)/g)].map(([, text]) =>
      readLabels(Buffer.from(text!, 'base64')),
    );
    expect(small).toEqual([reference.labels?.file, card.labels?.file]);
    // The next call of another client finds everything in its place.
    const again = await hybrid(outputDir, [service], gated).generateObjectCards({ sessionId: 's', objects: [lamp] });
    expect(again).toMatchObject([{ success: true, attempts: 0, labels: card.labels }]);
    expect(service.jobs).toHaveLength(2);
  },
);

const xmpLabel = { digitalSourceType: 'trainedAlgorithmicMedia', aigc: block } as const;

it('the contact sheet is a composite that names its pictures, with one block', async () => {
  const outputDir = await outputFolder();
  const service = serviceWith(labelled);
  await hybrid(outputDir, [service], reported).generateObjectCards(cards);
  const sheet = await readFile(join(outputDir, 's', 'contact-sheet.png'));
  expect(readLabels(sheet)).toEqual({ aigc: block, digitalSourceType: composite });
  const { xmp = '' } = readMetadata(sheet);
  expect(xmp).toContain('<holodeck:Ingredients><rdf:Bag><rdf:li>{"id":"card/lamp","backend":"one"');
  expect(xmp).toContain(service.jobs[0]?.jobId);
});

it("the caller's picture is said to be nothing that it does not say itself", async () => {
  const outputDir = await outputFolder();
  const client = hybrid(outputDir, [serviceWith(object())], { report: true });
  const photo = await sharp(object()).jpeg().toBuffer();
  const plain = await client.session('s').setSceneReference(photo);
  expect(plain.labels).toEqual({ source: { sha256: sha256(photo) }, file: {} });
  expect(readLabels(await readFile(join(outputDir, 's', 'contact-sheet.png')))).toEqual({});
  const said = labelPicture(photo, {
    exif: { Artist: 'A. Painter' },
    xmp: readMetadata(labelPicture(object(), {}, xmpLabel)).xmp!,
  });
  const other = await client.session('s').setSceneReference(said);
  expect(other.labels?.file).toEqual({ aigc: block, digitalSourceType: generated, exif: { Artist: 'A. Painter' } });
  expect(readLabels(await readFile(join(outputDir, 's', 'contact-sheet.png'))).aigc).toEqual(block);
});

it('a manifest without labels, of an earlier version, is read and continued', async () => {
  const outputDir = await outputFolder();
  const service = serviceWith(labelled);
  await hybrid(outputDir, [service], gated).generateObjectCards(cards);
  const file = join(outputDir, 's', 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { assets: Record<string, unknown>[] };
  for (const asset of manifest.assets) {
    delete asset['labels'];
    asset['gateKey'] = 'of an earlier version';
  }
  await writeFile(file, JSON.stringify(manifest));
  expect((await readManifest(file)).assets[0]).not.toHaveProperty('labels');
  const other = await outputFolder();
  await cp(join(outputDir, 's'), join(other, 's'), { recursive: true });
  const [card] = await hybrid(other, [service], gated).generateObjectCards(cards);
  expect(card).toMatchObject({ attempts: 0, labels: { source: { c2pa: true, sha256: sha256(labelled) } } });
  expect(service.jobs).toHaveLength(1);
  await writeFile(file, JSON.stringify({ ...manifest, assets: [{ ...manifest.assets[0], labels: 'none' }] }));
  await expect(readManifest(file)).rejects.toMatchObject({ kind: 'invalid-request' });
});

it.each([
  [{ producer: '' }, 'label.producer'],
  [{ producer: 'x'.repeat(257) }, 'label.producer'],
  [{ producer: 7 }, 'label.producer'],
  ['studio', 'label'],
  [{ producer: 'studio', Label: '2' }, 'label.Label'],
])('the label %j is refused', async (label, name) => {
  const outputDir = await outputFolder();
  expect(() => hybrid(outputDir, [serviceWith(object())], { label: label as never })).toThrow(name);
});

it('a producer in the environment that is too long is refused', () => {
  expect(() => createHybridClientFromEnv({ environment: { HOLODECK_LABEL_PRODUCER: 'studio '.repeat(50) } })).toThrow(
    'label.producer',
  );
});
