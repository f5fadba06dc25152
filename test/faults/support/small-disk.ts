import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of 12 MiB in memory that can be full or read-only. Root can create one, in most containers too. */
export class SmallDisk {
  readonly path: string;

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'holodeck-small-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', this.path], { stdio: 'ignore' });
    } catch (error) {
      rmdirSync(this.path);
      throw error;
    }
  }

  /** Fills the disk except for `leaveBytes`. */
  fill(leaveBytes: number = 0): void {
    const file = openSync(this.#ballast, 'w');
    try {
      for (const bytes of [1024 * 1024, 4096]) writeUntilFull(file, Buffer.alloc(bytes));
      if (leaveBytes > 0) ftruncateSync(file, fstatSync(file).size - leaveBytes);
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  setReadOnly(isReadOnly: boolean): void {
    execFileSync('mount', ['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, this.path], { stdio: 'ignore' });
  }

  remove(): void {
    execFileSync('umount', ['-l', this.path], { stdio: 'ignore' });
    rmdirSync(this.path);
  }

  get #ballast(): string {
    return join(this.path, 'ballast');
  }
}

function writeUntilFull(file: number, block: Uint8Array): void {
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** True if this user can create such disks. */
export const hasSmallDisks: boolean = (() => {
  try {
    new SmallDisk().remove();
    return true;
  } catch {
    return false;
  }
})();
