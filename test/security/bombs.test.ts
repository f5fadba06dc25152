import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import { createFetch, downloadImage } from '@holodeck/core/backend';
import type { ImageSink } from '@holodeck/core/backend';
import { expect, it, onTestFinished } from 'vitest';
import { prepareCard } from '@holodeck/cards';

const megabyte = 1024 * 1024;

it('stops a growing download at its bound, before it is unpacked', async () => {
  const packed = gzipSync(Buffer.alloc(64 * megabyte));
  expect(packed.length).toBeLessThan(megabyte);
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'image/png').setHeader('content-encoding', 'gzip').end(packed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const network = await createFetch();
  onTestFinished(async () => {
    await network.close();
    server.close();
  });
  let stored = 0;
  const sink: ImageSink = {
    write: (chunk) => {
      stored += chunk.length;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  };
  const download = downloadImage({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/lamp.png`,
    sink,
    fetch: network.fetch,
    signal: new AbortController().signal,
    maxBytes: 2 * megabyte,
  });
  await expect(download).rejects.toMatchObject({ kind: 'bad-response', outcome: 'accepted', retryable: false });
  expect(stored).toBeLessThanOrEqual(2 * megabyte);
});

it('refuses a small file with a huge picture as a card, without decoding it', async () => {
  expect((await prepareCard(blackPng(2000, 2000))).gate.image).toMatchObject({ width: 2000, height: 2000 });
  const bomb = blackPng(12_000, 12_000);
  expect(bomb.length).toBeLessThan(megabyte);
  const { gate, changed } = await prepareCard(bomb);
  expect(gate).toMatchObject({ verdict: 'failed', checks: [{ name: 'decodes', passed: false }] });
  expect(changed).toBe(false);
});

/** A whole black PNG, one bit a pixel. */
function blackPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((1 + Math.ceil(width / 8)) * height);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
