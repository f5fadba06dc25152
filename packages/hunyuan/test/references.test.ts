import { labelPicture, readMetadata } from '@holodeck/core/labels';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { backendAt, failure, referenceOf, request, solid, TestContext } from './harness.ts';
import { ok, RawServer } from './raw-server.ts';

const accepted = ok({ JobId: 'job-1' });

/** What arrives as `Images` for these pictures. */
async function sent(
  pictures: readonly Awaited<ReturnType<typeof referenceOf>>[],
  size = { width: 1024, height: 1024 },
): Promise<{ images: Buffer[]; bodyBytes: number; base64: string[] }> {
  await using server = await RawServer.start(accepted);
  const backend = backendAt(server.url);
  await backend.submit(request({ size, references: pictures }), new TestContext(backend));
  const base64 = server.requests[0]?.json['Images'] as string[];
  await backend.close();
  return {
    base64,
    images: base64.map((text) => Buffer.from(text, 'base64')),
    bodyBytes: Buffer.byteLength(server.requests[0]?.body ?? ''),
  };
}

const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/></rdf:RDF></x:xmpmeta>`;

async function pixel(bytes: Buffer | undefined, left: number, top: number): Promise<number[]> {
  const { data } = await sharp(bytes)
    .extract({ left, top, width: 1, height: 1 })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return [...data];
}

describe('reference pictures', () => {
  it('that fit are sent byte for byte, as bare base64, in order', async () => {
    const [red, blue] = [await solid(256, 256, '#ff0000'), await solid(300, 300, '#0000ff', 'jpeg')];
    const { images, base64 } = await sent([await referenceOf(red), await referenceOf(blue, 'image/jpeg')]);
    expect(images).toEqual([red, blue]);
    expect(base64[0]?.startsWith('data:')).toBe(false);
  });

  it('of another ratio are padded with the colour of their rim', async () => {
    const wide = await sharp({ create: { width: 400, height: 200, channels: 3, background: '#204060' } })
      .composite([{ input: await solid(60, 60, '#ffffff'), gravity: 'centre' }])
      .png()
      .toBuffer();
    const { images } = await sent([await referenceOf(wide)], { width: 768, height: 1024 });
    const { width, height, format } = await sharp(images[0]).metadata();
    expect(width / height).toBeCloseTo(0.75, 2);
    expect([width, format]).toEqual([400, 'png']);
    expect(await pixel(images[0], 200, 2)).toEqual([0x20, 0x40, 0x60]);
    expect(await pixel(images[0], 200, Math.round(height / 2))).toEqual([255, 255, 255]);
  });

  it.each(['png', 'jpeg'] as const)('that are encoded again keep their labels, from %s', async (format) => {
    const source = { xmp: xmp, exif: { Software: 'Painter' } };
    const labelled = labelPicture(await solid(400, 200, '#204060', format), source);
    const { images } = await sent([await referenceOf(Buffer.from(labelled), `image/${format}`)]);
    expect(await sharp(images[0]).metadata()).toMatchObject({ width: 400, height: 400 });
    expect(readMetadata(images[0]!)).toEqual(source);
  });

  it('with transparency are laid on white', async () => {
    const clear = await sharp({
      create: { width: 64, height: 64, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const { images } = await sent([await referenceOf(clear)]);
    expect(await pixel(images[0], 10, 10)).toEqual([255, 255, 255]);
  });

  it('are turned as their EXIF data says', async () => {
    const turned = await sharp(await solid(200, 100, '#808080'))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { images } = await sent([await referenceOf(turned, 'image/jpeg')], { width: 512, height: 1024 });
    expect(await sharp(images[0]).metadata()).toMatchObject({ width: 100, height: 200 });
  });

  it('are brought to sides of 50 to 5000 px', async () => {
    const { images } = await sent([
      await referenceOf(await solid(20, 20, '#808080')),
      await referenceOf(await solid(5100, 5100, '#808080')),
    ]);
    expect(await sharp(images[0]).metadata()).toMatchObject({ width: 50, height: 50 });
    const large = await sharp(images[1]).metadata();
    expect(large.width).toBe(large.height);
    expect(large.width).toBeLessThanOrEqual(5000);
  });

  it('fit into the request, three of noise together', async () => {
    const noise = await sharp({
      create: {
        width: 1500,
        height: 1500,
        channels: 3,
        background: '#000',
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
      },
    })
      .png()
      .toBuffer();
    expect(noise.length).toBeGreaterThan(6_000_000);
    const reference = await referenceOf(noise);
    const { images, base64, bodyBytes } = await sent([reference, reference, reference]);
    expect(images).toHaveLength(3);
    for (const text of base64) expect(text.length).toBeLessThan(6_000_000);
    expect(bodyBytes).toBeLessThan(10_000_000);
  });

  it('may be BMP', async () => {
    const { images } = await sent([await referenceOf(bmp(100, 60), 'image/bmp')]);
    expect(await sharp(images[0]).metadata()).toMatchObject({ width: 100, height: 100 });
    expect(await pixel(images[0], 50, 50)).toEqual([10, 200, 30]);
  });

  it('that are damaged, or too many, are refused before anything is sent', async () => {
    await using server = await RawServer.start(accepted);
    const backend = backendAt(server.url);
    const damaged = await referenceOf(Buffer.from('no picture'));
    const error = await failure(backend.submit(request({ references: [damaged] }), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted' });
    expect(error.message).toMatch(/Reference 1/);
    const good = await referenceOf(await solid(64, 64, '#fff'));
    const many = await failure(
      backend.submit(request({ references: [good, good, good, good] }), new TestContext(backend)),
    );
    expect(many).toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted' });
    expect(server.connections).toBe(0);
    await backend.close();
  });
});

/** A plain BMP of 24 bits in one colour. */
function bmp(width: number, height: number): Buffer {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + stride * height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) file.set([30, 200, 10], 54 + y * stride + x * 3);
  }
  return file;
}
