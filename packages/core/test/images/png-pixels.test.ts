import { crc32, deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';

import { JobImages } from '../../src/files/job-images.ts';
import { createSampleImages } from './sample-images.ts';

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.byteLength);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** A PNG with right checksums, whatever its pixel data is. */
function png(width: number, height: number, data: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

/** What is found of a picture that arrives in pieces of so many bytes. */
async function receive(bytes: Uint8Array, pieces = 1000): Promise<boolean | undefined> {
  const images = new JobImages(undefined, 'key');
  const sink = await images.openImage(0);
  for (let at = 0; at < bytes.byteLength; at += pieces) await sink.write(bytes.subarray(at, at + pieces));
  await sink.close();
  return images.received(0)?.info?.complete;
}

const rows = (width: number, height: number): Buffer => Buffer.alloc(height * (1 + width * 3), 7);

test('a picture with all its pixels is complete', async () => {
  expect(await receive(png(64, 48, deflateSync(rows(64, 48))))).toBe(true);
  expect(await receive(png(64, 48, deflateSync(rows(64, 48))), 3)).toBe(true);
});

test('pieces may come in memory that is used again', async () => {
  const bytes = png(64, 48, deflateSync(rows(64, 48)));
  const images = new JobImages(undefined, 'key');
  const sink = await images.openImage(0);
  const memory = Buffer.alloc(100);
  for (let at = 0; at < bytes.byteLength; at += memory.byteLength) {
    const length = bytes.copy(memory, 0, at);
    await sink.write(memory.subarray(0, length));
  }
  await sink.close();
  expect(images.received(0)).toMatchObject({ info: { complete: true }, bytes });
});

test('pictures of common encoders are complete, also with palettes and interlacing', async () => {
  for (const { name, bytes } of await createSampleImages()) expect([name, await receive(bytes)]).toEqual([name, true]);
});

test.each([
  ['a row is missing', deflateSync(rows(64, 47))],
  ['there is more than the header says', deflateSync(rows(64, 4800))],
  ['the data is not compressed', Buffer.alloc(500, 7)],
  ['the data is cut', deflateSync(rows(64, 48)).subarray(0, -6)],
])('a picture is damaged where %s', async (_name, data) => {
  expect(await receive(png(64, 48, data))).toBe(false);
});

test('a header that promises a huge picture for a few bytes is damaged', async () => {
  expect(await receive(png(50_000, 50_000, deflateSync(Buffer.alloc(200))))).toBe(false);
});

test('a picture of many buffers is counted to its last byte', async () => {
  // Its rows fill several buffers of the inflater, and the last one in part.
  const large = rows(1024, 800);
  expect(await receive(png(1024, 800, deflateSync(large)), 5000)).toBe(true);
  expect(await receive(png(1024, 800, deflateSync(large.subarray(1))), 5000)).toBe(false);
});
