import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskReserve } from '@holodeck/core/stores';
import { expect, onTestFinished, test } from 'vitest';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holodeck-reserve-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

// What it does on a full disk is played in test/faults.
test('leaves nothing in its folder, whatever is reserved', async () => {
  const folder = temporaryFolder();
  const reserve = new DiskReserve(folder);
  await Promise.all([reserve.hold(100_000), reserve.hold(3_000_000), reserve.hold(10)]);
  await reserve.giveUp();
  await reserve.hold(50);
  await Promise.all([reserve.giveUp(), reserve.giveUp()]);
  expect(readdirSync(folder)).toEqual([]);
});

test('says why it cannot be kept, and can be asked again', async () => {
  const folder = temporaryFolder();
  const missing = join(folder, randomUUID());
  await expect(new DiskReserve(missing).hold(10)).rejects.toMatchObject({ code: 'ENOENT' });
  const reserve = new DiskReserve(folder);
  await reserve.hold(10);
  await reserve.giveUp();
});
