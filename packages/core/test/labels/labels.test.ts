import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { inspectImage } from '../../src/backend.ts';
import { aigcBlock, labelPicture, readLabels, readMetadata } from '../../src/labels/index.ts';
import type { DerivedLabel, PictureMetadata } from '../../src/labels/index.ts';
import { createSampleImages } from '../images/sample-images.ts';
import { aigcInXmp, pngTexts, withC2pa, withPngChunks, xmpPacket } from './labelled-pictures.ts';

const names = [
  'png',
  'png palette',
  'jpeg',
  'jpeg with a thumbnail',
  'webp',
  'webp lossless with alpha',
  'webp with metadata',
];
const samples = (await createSampleImages()).filter(({ name }) => names.includes(name));
const png = samples.find(({ name }) => name === 'png')!.bytes;
const vocabulary = 'http://cv.iptc.org/newscodes/digitalsourcetype/';
const block = aigcBlock('001191110102MACQD9K64010000', 'job-1');
const service = '{"Label":"1","ContentProducer":"某服务","ProduceID":"a1"}';
const label: DerivedLabel = {
  digitalSourceType: 'compositeWithTrainedAlgorithmicMedia',
  backend: 'hunyuan',
  model: 'hy-image <3>',
  jobId: 'job-1 & more',
};
const exif = { Software: 'Painter 2', UserComment: '夜景', DateTime: '2026:01:02 03:04:05', Artist: 'x' };

async function pixelsOf(bytes: Uint8Array): Promise<Buffer> {
  return sharp(bytes).raw().toBuffer();
}

describe.each(samples)('$name', ({ bytes }) => {
  it('carries AIGC, XMP and EXIF along with its own label, and keeps its pixels', async () => {
    const source: PictureMetadata = { xmp: xmpPacket(aigcInXmp(service)), exif };
    const labelled = labelPicture(bytes, source, { ...label, aigc: block });
    expect(readLabels(labelled)).toEqual({
      aigc: { Label: '1', ContentProducer: '某服务', ProduceID: 'a1' },
      digitalSourceType: `${vocabulary}compositeWithTrainedAlgorithmicMedia`,
      exif,
    });
    expect(inspectImage(labelled)).toMatchObject({ complete: true });
    expect(await pixelsOf(labelled)).toEqual(await pixelsOf(bytes));
    // Another reader finds the same.
    const metadata = await sharp(labelled).metadata();
    const packet = metadata.xmp?.toString() ?? '';
    expect(packet).toContain('<xmp:CreatorTool>A &amp; B</xmp:CreatorTool>');
    expect(packet).toContain('<holodeck:Model>hy-image &lt;3&gt;</holodeck:Model>');
    expect(packet).toContain('<holodeck:JobId>job-1 &amp; more</holodeck:JobId>');
    expect(packet.match(/DigitalSourceType/g)).toHaveLength(2);
    expect(metadata.exif?.toString('latin1')).toContain('Painter 2');
    // Once more, the label replaces the earlier one.
    expect(labelPicture(labelled, readMetadata(labelled), { ...label, aigc: block }).byteLength).toBe(
      labelled.byteLength,
    );
  });

  it('has the block of a producer where the source brings none', () => {
    const labelled = labelPicture(bytes, {}, { ...label, aigc: block });
    expect(readLabels(labelled).aigc).toEqual({ ...block, ContentPropagator: '', PropagateID: '' });
  });

  it('gives a text of PNG a place, and only one', () => {
    const labelled = labelPicture(bytes, { aigcText: service }, { ...label, aigc: block });
    expect(readLabels(labelled).aigc).toMatchObject({ ContentProducer: '某服务' });
    expect(Buffer.from(labelled).toString('utf8').split('ContentProducer')).toHaveLength(2);
  });

  it('shows its C2PA manifest, which stays behind', () => {
    const signed = withC2pa(bytes);
    expect(readLabels(signed)).toEqual({ ...readLabels(bytes), c2pa: true });
    const derived = labelPicture(bytes, readMetadata(signed), label);
    expect(readLabels(derived)).not.toHaveProperty('c2pa');
    expect(readLabels(labelPicture(signed, {}, label))).not.toHaveProperty('c2pa');
  });

  it('never throws over a broken file', () => {
    const whole = labelPicture(withC2pa(bytes), { xmp: xmpPacket(aigcInXmp(service)), exif }, label);
    for (let length = 0; length < whole.length; length += 23) {
      const cut = whole.subarray(0, length);
      expect(() => labelPicture(cut, readMetadata(cut), label)).not.toThrow();
      const bent = Uint8Array.from(whole);
      bent[length] = (bent[length]! + 0x7f) & 0xff;
      expect(() => labelPicture(bent, readMetadata(bent), label)).not.toThrow();
    }
  });
});

it.each(Object.entries(pngTexts))('AIGC is read from %s, bare and inside its name', (_kind, chunk) => {
  for (const text of [service, `{"AIGC":${service}}`]) {
    const file = withPngChunks(png, chunk('AIGC', text));
    expect(readLabels(file).aigc).toEqual({ Label: '1', ContentProducer: '某服务', ProduceID: 'a1' });
    const derived = labelPicture(png, readMetadata(file), label);
    expect(readLabels(derived)).toMatchObject({ aigc: { ContentProducer: '某服务' } });
    expect(readMetadata(derived).aigcText).toBe(text);
  }
});

it('AIGC is read from a comment of EXIF, and from single properties of XMP', () => {
  const comment = labelPicture(png, { exif: { UserComment: `{"AIGC":${service}}` } });
  expect(readLabels(comment).aigc).toMatchObject({ ContentProducer: '某服务' });
  const fields =
    '<rdf:Description xmlns:a="http://www.tc260.org.cn/ns/AIGC/1.0" a:Label="1"><a:ProduceID>b2</a:ProduceID></rdf:Description>';
  expect(readLabels(labelPicture(png, { xmp: xmpPacket(fields) })).aigc).toEqual({ Label: '1', ProduceID: 'b2' });
});

it('without a label of its own a picture has exactly what its source had', () => {
  const source: PictureMetadata = { aigcText: service, xmp: xmpPacket(), exif };
  expect(readMetadata(labelPicture(png, source))).toEqual(source);
  expect(labelPicture(png, {})).toEqual(Buffer.from(png));
});

it('keeps another kind of source as what it was before, and a composite as a composite', () => {
  const drawn = labelPicture(png, { xmp: xmpPacket('', 'digitalCreation') }, label);
  expect(readMetadata(drawn).xmp).toContain(`<holodeck:SourceType>${vocabulary}digitalCreation</holodeck:SourceType>`);
  const again = labelPicture(png, readMetadata(drawn), { ...label, digitalSourceType: 'trainedAlgorithmicMedia' });
  expect(readMetadata(again).xmp).toContain('digitalCreation</holodeck:SourceType>');
  expect(readLabels(again).digitalSourceType).toBe(`${vocabulary}compositeWithTrainedAlgorithmicMedia`);
});

it.each([
  ['a document type', xmpPacket().replace('<x:xmpmeta', '<!DOCTYPE x [<!ENTITY a "b">]><x:xmpmeta')],
  ['an element that is not closed', xmpPacket('<rdf:Description>')],
  ['crossed elements', xmpPacket('<rdf:Description><a></rdf:Description></a>')],
  ['a prefix without a namespace', xmpPacket('<none:b/>')],
  ['no room', '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'],
  ['endless depth', `${xmpPacket().split('</rdf:RDF>')[0]}${'<a>'.repeat(50_000)}`],
  ['one endless tag', `<x:xmpmeta ${' a="b"'.repeat(20_000)}`],
  ['too much', xmpPacket(`<!--${'x'.repeat(60_000)}-->`)],
  ['plain text', 'trainedAlgorithmicMedia'],
])('a packet with %s stays behind, and the label is written', (_what, xmp) => {
  const labelled = labelPicture(png, { xmp }, label);
  expect(readLabels(labelled)).toEqual({ digitalSourceType: `${vocabulary}compositeWithTrainedAlgorithmicMedia` });
  expect(readMetadata(labelled).xmp).not.toContain('CreatorTool');
});

it('reads no bomb, no part that is too long, and no other file', () => {
  expect(readLabels(withPngChunks(png, pngTexts.zTXt('AIGC', ' '.repeat(10_000_000) + service)))).toEqual({});
  expect(readLabels(withPngChunks(png, pngTexts.tEXt('AIGC', ' '.repeat(200_000) + service)))).toEqual({});
  expect(readLabels(withPngChunks(png, pngTexts.tEXt('AIGC', '{"other":1}')))).toEqual({});
  const text = Buffer.from('no picture');
  expect(readLabels(text)).toEqual({});
  expect(labelPicture(text, {}, label)).toBe(text);
});
