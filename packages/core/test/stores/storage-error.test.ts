import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ImageError } from '@holodeck/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { networkFileSystemName } from '../../src/stores/sqlite/network-file-system.ts';
import { toStorageError } from '../../src/stores/storage-error.ts';

const path = '/output/.holodeck/store.sqlite';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holodeck-error-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function errorOf(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('This should have thrown.');
}

function messageOf(error: unknown): string {
  const converted = toStorageError(error, path);
  expect(converted).toMatchObject({ kind: 'storage', outcome: 'not-submitted', cause: error });
  const { message } = converted as ImageError;
  expect(message).toContain(path);
  return message;
}

describe('toStorageError', () => {
  it('explains a full disk', () => {
    const database = new DatabaseSync(join(folder, 'a.sqlite'));
    database.exec('CREATE TABLE t (v); PRAGMA max_page_count = 3');
    const insert = database.prepare('INSERT INTO t VALUES (?)');
    const error = errorOf(() => {
      for (let index = 0; index < 100; index += 1) insert.run('x'.repeat(1_000));
    });
    database.close();
    expect(messageOf(error)).toMatch(/full\. Free some space/);
  });

  it('explains a file that may only be read', () => {
    new DatabaseSync(join(folder, 'a.sqlite')).exec('CREATE TABLE t (v)');
    const database = new DatabaseSync(join(folder, 'a.sqlite'), { readOnly: true });
    const error = errorOf(() => database.exec('INSERT INTO t VALUES (1)'));
    database.close();
    expect(messageOf(error)).toMatch(/cannot be written\. Give this user write access/);
  });

  it('explains a file that cannot be opened', () => {
    const error = errorOf(() => new DatabaseSync(join(folder, 'none', 'a.sqlite')));
    expect(messageOf(error)).toMatch(/cannot be opened/);
  });

  it.each([
    ['ENOSPC', /no space left.*Free some space/],
    ['EDQUOT', /quota full/],
    ['EROFS', /read-only file system.*another output folder/],
    ['EACCES', /may not write.*permissions/],
    ['ENOTDIR', /a file stands where a folder is needed/],
    ['ENAMETOOLONG', /too long/],
    ['EIO', /Check the path and the disk/],
  ])('explains %s of the file system', (code, expected) => {
    expect(messageOf(Object.assign(new Error(code), { code, syscall: 'mkdir' }))).toMatch(expected);
  });

  it('returns errors that are not about storage as they are', () => {
    const own = new ImageError({ kind: 'internal', outcome: 'not-submitted', message: 'x' });
    for (const error of [own, new TypeError('x'), 'text', undefined]) expect(toStorageError(error, path)).toBe(error);
  });
});

describe('networkFileSystemName', () => {
  it('recognises network file systems, also by a negative type, and local ones', () => {
    expect(networkFileSystemName(0x6969)).toBe('NFS');
    expect(networkFileSystemName(0xff534d42 | 0)).toBe('CIFS');
    expect(networkFileSystemName(0x65735546)).toBe('FUSE');
    expect(networkFileSystemName(0xef53)).toBeUndefined();
  });
});
