/**
 * Keeps a core busy until the process that started it ends, even if that is killed. With a file's path it also writes there
 * and syncs, over and over.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

const file = process.argv[2];
const parent = process.ppid;
const megabyte = Buffer.alloc(2 ** 20, 'x');

while (process.ppid === parent) {
  if (file === undefined) for (let turn = 0; turn < 10_000_000; turn += 1);
  else {
    const handle = openSync(file, 'w');
    for (let written = 0; written < 16; written += 1) {
      writeSync(handle, megabyte);
      fsyncSync(handle);
    }
    closeSync(handle);
  }
}
