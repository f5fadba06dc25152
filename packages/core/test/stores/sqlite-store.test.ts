import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { ImageError, type ImageWarning } from '@holodeck/core';
import { createOwner, openSqliteStore, type SqliteStoreOptions, type TaskRow } from '@holodeck/core/stores';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeApplicationId, storeMigrations } from '../../src/stores/sqlite/sqlite-schema.ts';
import { ManualClock } from './manual-clock.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holodeck-sqlite-'));
  file = join(folder, '.holodeck', 'store.sqlite');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const open = (options: Partial<SqliteStoreOptions> = {}) => openSqliteStore({ folder, environment: {}, ...options });

async function storageErrorOf(promise: Promise<unknown>): Promise<ImageError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!ImageError.isInstance(error)) throw new Error(`No ImageError: ${String(error)}`);
  expect(error).toMatchObject({ kind: 'storage', outcome: 'not-submitted' });
  return error;
}

describe('the place of the file', () => {
  it('is a private folder that git does not see', async () => {
    const store = await open();
    expect(store).toMatchObject({ kind: 'sqlite', durable: true, location: file });
    await store.registerOwner(createOwner());
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    expect(await mode(join(folder, '.holodeck'))).toBe('700');
    for (const name of ['store.sqlite', 'store.sqlite-wal', 'store.sqlite-shm', '.gitignore']) {
      expect(await mode(join(folder, '.holodeck', name)), name).toBe('600');
    }
    expect(await readFile(join(folder, '.holodeck', '.gitignore'), 'utf8')).toBe('*\n');
    await store.close();
    expect(await readdir(join(folder, '.holodeck'))).toEqual(['.gitignore', 'store.sqlite']);
  });

  it('creates a missing output folder that everyone can read', async () => {
    const output = join(folder, 'new', 'output');
    await (await open({ folder: output })).close();
    expect((await stat(output)).mode & 0o400).toBe(0o400);
    expect((await stat(output)).mode & 0o777).not.toBe(0o700);
  });

  it('can be moved by option or environment; a link to the folder leads to the same store', async () => {
    const stateDir = join(folder, 'state');
    const output = join(folder, 'output');
    const link = join(folder, 'link');
    await mkdir(output);
    await symlink(output, link);
    const store = await open({ folder: output, stateDir });
    const linked = await open({ folder: link, environment: { HOLODECK_STATE_DIR: stateDir } });
    const other = await open({ stateDir });
    expect(store.location.startsWith(join(stateDir, '/'))).toBe(true);
    expect(linked.location).toBe(store.location);
    expect(other.location).not.toBe(store.location);
    expect(await readdir(output)).toEqual([]);
    await Promise.all([store, linked, other].map((each) => each.close()));
  });

  it('causes a warning on a network file system', async () => {
    const warnings: ImageWarning[] = [];
    const onWarning = (warning: ImageWarning) => void warnings.push(warning);
    await (await open({ onWarning })).close();
    expect(warnings).toEqual([]);
    await (await open({ onWarning, internal: { findNetworkFileSystem: async () => 'NFS' } })).close();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ code: 'storage' });
    expect(warnings[0]?.message).toMatch(/NFS.*stateDir.*HOLODECK_STATE_DIR/);
  });
});

describe('a file that cannot be used', () => {
  it('is not a database: the error names it and says what to do', async () => {
    await mkdir(join(folder, '.holodeck'));
    await writeFile(file, 'this is not a database, but it is long enough to look like one '.repeat(100));
    const error = await storageErrorOf(open());
    expect(error.message).toContain(file);
    expect(error.message).toMatch(/damaged.*Move the file away/);
    expect(await readFile(file, 'utf8')).toMatch(/^this is not a database/);
  });

  it('is empty beside images: it is not a new store', async () => {
    await mkdir(join(folder, '.holodeck'));
    await writeFile(file, '');
    await mkdir(join(folder, 'session'));
    await writeFile(join(folder, 'session', 'scene-ref.png'), 'a picture');
    const error = await storageErrorOf(open());
    expect(error.messageId).toBe('core.store-empty');
    expect((await stat(file)).size).toBe(0);
    await rm(join(folder, 'session'), { recursive: true });
    await (await open()).close();
    expect((await stat(file)).size).toBeGreaterThan(0);
  });

  it('was cut off in the middle', async () => {
    const store = await open();
    for (let index = 0; index < 300; index += 1)
      await store.sessions.appendEvent('s', 'noted', { text: 'x'.repeat(500) });
    await store.close();
    await truncate(file, Math.floor((await stat(file)).size / 2));
    const error = await storageErrorOf(
      open().then(async (again) => {
        try {
          return await again.sessions.events('s');
        } finally {
          await again.close();
        }
      }),
    );
    expect(error.message).toMatch(/damaged/);
  });

  it('is of a newer version', async () => {
    await (await open()).close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect((await storageErrorOf(open())).message).toMatch(/newer version.*schema 99.*Update @holodeck\/core/);
  });

  it('belongs to another program', async () => {
    await mkdir(join(folder, '.holodeck'));
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE theirs (a)');
    database.close();
    expect((await storageErrorOf(open())).message).toMatch(/another program/);
  });

  it('is a folder, or its folder is a file', async () => {
    await writeFile(join(folder, '.holodeck'), '');
    expect((await storageErrorOf(open())).message).toContain(join(folder, '.holodeck'));
    await rm(join(folder, '.holodeck'));
    await mkdir(file, { recursive: true });
    expect((await storageErrorOf(open())).message).toContain(file);
    await storageErrorOf(open({ folder: join(folder, '.holodeck', '.gitignore', 'below-a-file') }));
  });

  it('may not be written by this user', async () => {
    await chmod(folder, 0o555);
    // Root may write everywhere, so root plays somebody else.
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65_534);
    try {
      expect((await storageErrorOf(open())).message).toMatch(/may not write .*another output folder/);
    } finally {
      if (root) process.seteuid?.(0);
      await chmod(folder, 0o700);
    }
  });

  it('is locked by another program for too long; once it is free, the same call works', async () => {
    const store = await open({ internal: { busyTimeoutMs: 30 } });
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const error = await storageErrorOf(store.sessions.appendEvent('s', 'noted', {}));
    expect(error.message).toMatch(/locked by another process/);
    expect(await store.sessions.events('s')).toEqual([]);
    other.exec('ROLLBACK');
    other.close();
    expect(await store.sessions.appendEvent('s', 'noted', {})).toMatchObject({ sequence: 1 });
    await store.close();
  });

  it('waits for a lock without stopping the event loop', async () => {
    const store = await open();
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const appended = store.sessions.appendEvent('s', 'noted', {});
    // This runs only because the wait is asynchronous: the lock is given back by the same thread.
    setTimeout(() => other.exec('COMMIT'), 1);
    expect(await appended).toMatchObject({ sequence: 1 });
    other.close();
    await store.close();
  });

  it('no longer fits on the disk: nothing is half written', async () => {
    // The limit on file sizes stands for the full disk; both fail in the middle of a write.
    const program = fileURLToPath(new URL('./fill-store.ts', import.meta.url));
    const child = spawn('sh', [
      '-c',
      'ulimit -f 400; exec "$0" --conditions=@holodeck/source "$1" "$2"',
      process.execPath,
      program,
      folder,
    ]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    const { written, kind, outcome, message, next } = JSON.parse(output) as Record<string, unknown>;
    expect({ kind, outcome }).toEqual({ kind: 'storage', outcome: 'not-submitted' });
    expect(message).toContain(file);
    expect(next).toBe('storage');
    const store = await open();
    expect(await store.sessions.events('s')).toHaveLength(Number(written));
    expect(written).toBeGreaterThan(0);
    await store.close();
  });

  it('has been closed', async () => {
    const store = await open();
    await store.close();
    await store.close();
    expect((await storageErrorOf(store.tasks.latest('tasks', 't', 'h'))).message).toMatch(/closed/);
    expect((await storageErrorOf(store.registerOwner(createOwner()))).message).toMatch(/closed/);
  });
});

describe('the writes of one turn', () => {
  it('share a transaction, in which one that fails undoes nothing of the others', async () => {
    const store = await open();
    const logBytes = async (): Promise<number> => (await stat(`${file}-wal`)).size;
    const texts = Array.from({ length: 20 }, (_, index) => ({ index }));
    const before = await logBytes();
    for (const text of texts) await store.sessions.appendEvent('alone', 'noted', text);
    const alone = (await logBytes()) - before;
    const failing = store.sessions.publish('together', () => {
      throw new Error('This section fails.');
    });
    const together = texts.map((text) => store.sessions.appendEvent('together', 'noted', text));
    await expect(failing).rejects.toThrow('This section fails.');
    await Promise.all(together);
    expect((await logBytes()) - before - alone).toBeLessThan(alone / 4);
    expect((await store.sessions.events('together')).map(({ data }) => data)).toEqual(texts);
    await store.close();
  });

  it('are committed before the file closes', async () => {
    const store = await open();
    const appended = store.sessions.appendEvent('s', 'noted', {});
    await store.close();
    expect(await appended).toMatchObject({ sequence: 1 });
  });
});

describe('a file of the first version', () => {
  it('is taken over with its rows and answers', async () => {
    await mkdir(join(folder, '.holodeck'));
    const before = new DatabaseSync(file);
    before.exec(`${storeMigrations[0]}; PRAGMA application_id = ${storeApplicationId}; PRAGMA user_version = 1`);
    const handle = {
      version: 1 as const,
      backend: 'openai',
      lane: 'lane',
      credential: '0',
      jobId: 'job',
      key: 'key',
      acceptedAtMs: 2,
    };
    const insert = before.prepare(
      `INSERT INTO tasks (scope, taskId, requestHash, attempt, key, state, paid, revision, backend, model, fingerprint, lane,
        createdAtMs, updatedAtMs, handle, request) VALUES ('tasks', ?, 'hash', 1, ?, ?, 1, 2, 'openai', 'm', 'f', 'l', 1, 2, ?, '{}')`,
    );
    insert.run('answered', 'key-1', 'accepted', JSON.stringify({ ...handle, answer: 'b64' }));
    insert.run('done', 'key-2', 'done', JSON.stringify(handle));
    insert.run('damaged', 'key-3', 'accepted', '{"version"');
    before.close();
    const store = await open();
    const answered = await store.tasks.latest('tasks', 'answered', 'hash');
    expect(answered).toMatchObject({ state: 'accepted', revision: 2, handle: { ...handle, answer: 'b64' } });
    const ids: string[] = [];
    for await (const { taskId } of store.tasks.list({ onDamaged: (row) => ids.push(row.taskId) })) ids.push(taskId);
    expect(ids).toEqual(['answered', 'done', 'damaged']);
    expect(await store.tasks.forgetDone([{ scope: 'tasks', taskId: 'done' }], Date.now())).toBe(1);
    expect(await store.tasks.update(answered as TaskRow, 2, { state: 'done', handle })).toMatchObject({ revision: 3 });
    expect((await store.tasks.latest('tasks', 'answered', 'hash'))?.handle).toEqual(handle);
    await store.close();
  });
});

describe('the size of the file', () => {
  it('is at most 1.5 KB for a done row, and shrinks when rows leave', async () => {
    const store = await open();
    const rows = 400;
    const tasks = Array.from({ length: rows }, (_, index) => ({ scope: 'tasks', taskId: `lamp-${index}` }));
    const image = { path: 'lamps/lamp.png', sha256: 'c'.repeat(64), byteLength: 16_000, width: 1024, height: 1024 };
    const lane = 'openai:https://api.openai.com/v1#0123456789abcdef';
    const handle = { version: 1 as const, backend: 'openai', lane, credential: '0123456789abcdef', acceptedAtMs: 2e12 };
    await Promise.all(
      tasks.map(async (task) => {
        const id = { ...task, requestHash: randomUUID().replaceAll('-', '').repeat(2), attempt: 1 };
        const [key, jobId] = [randomUUID(), randomUUID()];
        const request = {
          prompt: 'A brass desk lamp on an oak table. '.repeat(5),
          size: { width: 1024, height: 1024 },
        };
        const same = { backend: 'openai', model: 'gpt-image-2', fingerprint: 'openai:gpt-image-2', lane };
        const first = { state: 'submitting' as const, owner: randomUUID(), createdAtMs: 2e12, outputPath: image.path };
        await store.tasks.begin({ ...id, key, ...same, request, ...first });
        const claim = { ...handle, key, jobId };
        await store.tasks.update(id, 1, { state: 'accepted', handle: { ...claim, answer: 'b64'.repeat(7_000) } });
        const images = [{ ...image, mediaType: 'image/png' }];
        await store.tasks.update(id, 2, { state: 'done', owner: null, handle: claim, images });
      }),
    );
    const { location } = store;
    await store.close();
    const { size } = await stat(location);
    // Every answer of this test was there at once; the space is used again.
    const database = new DatabaseSync(location);
    const free = database.prepare('PRAGMA freelist_count').get()?.['freelist_count'];
    database.close();
    expect((size - Number(free) * 4096) / rows).toBeLessThan(1500);
    const again = await open();
    expect(await again.tasks.forgetDone(tasks, Date.now() + 1e12)).toBe(rows);
    await again.close();
    expect((await stat(location)).size).toBeLessThan(100_000);
  });
});

describe('a publish section', () => {
  it('refuses writes of its own work, which would be rolled back with it', async () => {
    const store = await open();
    let inner: Promise<unknown> = Promise.resolve();
    await store.sessions.publish('s', () => {
      inner = store.sessions.appendEvent('s', 'inner', {}).catch((error: unknown) => error);
      return { events: [{ type: 'outer', data: {} }] };
    });
    expect(await inner).toMatchObject({ kind: 'internal' });
    expect((await store.sessions.events('s')).map((event) => event.type)).toEqual(['outer']);
    await store.close();
  });
});

describe('the lease of an owner on another host', () => {
  it('lasts 30 s without a heartbeat, and as long as there is one', async () => {
    const clock = new ManualClock();
    const store = await open({ internal: { clock } });
    const watcher = await open({ internal: { clock } });
    const owner = createOwner();
    const away = { ...owner, host: 'another', id: owner.id.replace(owner.host, 'another') };
    await store.registerOwner(away);
    await clock.advance(120_000, 1_000);
    expect(await watcher.isOwnerAlive(away.id)).toBe(true);
    // As when that host loses its power: nothing is taken back, and nothing is renewed.
    const database = new DatabaseSync(file);
    database.exec('DELETE FROM owners');
    database.prepare('INSERT INTO owners VALUES (?, ?)').run('a/b/1/c/d', clock.now());
    database.close();
    await clock.advance(30_000);
    expect(await watcher.isOwnerAlive('a/b/1/c/d')).toBe(true);
    await clock.advance(1);
    expect(await watcher.isOwnerAlive('a/b/1/c/d')).toBe(false);
    await store.close();
    await watcher.close();
  });
});
