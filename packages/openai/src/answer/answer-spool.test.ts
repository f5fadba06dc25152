import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support.ts';
import { AnswerSpool } from './answer-spool.ts';

const long = 300 * 1024;

it('frees the memory of what is written', async () => {
  const folder = await temporaryFolder();
  const spool = AnswerSpool.open(folder, 'key');
  const chunks = [new Uint8Array(1000).fill(1), new Uint8Array(long).fill(2)];
  for (const chunk of chunks) await spool.write(chunk);
  expect(chunks.map(({ byteLength }) => byteLength)).toEqual([0, 0]);
  expect(await spool.commit()).toEqual({ kind: 'file', name: 'key.answer' });
  const kept = await readFile(join(folder, 'key.answer'));
  expect(kept.equals(Buffer.concat([Buffer.alloc(1000, 1), Buffer.alloc(long, 2)]))).toBe(true);
});

it('leaves the rest of a shared buffer alone', async () => {
  const shared = new Uint8Array(long + 1).fill(3);
  const spool = AnswerSpool.open(await temporaryFolder(), 'key');
  await spool.write(shared.subarray(1));
  await spool.discard();
  expect(shared[0]).toBe(3);
});

it('frees nothing that it keeps in memory', async () => {
  const spool = AnswerSpool.open(undefined, 'key');
  const chunk = new Uint8Array(long).fill(4);
  await spool.write(chunk);
  expect(await spool.commit()).toEqual({ kind: 'memory', chunks: [chunk] });
  expect(chunk.byteLength).toBe(long);
});
