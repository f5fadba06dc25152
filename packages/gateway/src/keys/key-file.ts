import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { MaxCost } from '@holodeck/core';
import { invalidRequest, isRecord, readRegularFile } from '@holodeck/core/backend';
import { say } from '../jobs/gateway-messages.ts';
import type { Caller } from './caller.ts';

/** A key as the file keeps it: never the key itself. */
export interface StoredKey {
  readonly name: string;
  /** SHA-256 of the key, lowercase hex. A key is 32 random bytes, which needs no slow hash. */
  readonly hash: string;
  /** Signs webhooks and image addresses. */
  readonly secret: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly maxCost?: MaxCost;
  readonly maxConcurrent?: number;
  readonly backends?: readonly string[];
}

/** What a new key may do. */
export type KeyLimits = Pick<StoredKey, 'maxCost' | 'maxConcurrent' | 'backends'>;

const maxFileBytes = 4 * 2 ** 20;
const namePattern = /^[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?$/;

/** The keys of a file. @throws {ImageError} kind `invalid-request` if it cannot be read. */
export async function readKeys(file: string): Promise<readonly StoredKey[]> {
  try {
    const content: unknown = JSON.parse(new TextDecoder().decode(await readRegularFile(file, maxFileBytes)));
    const keys = isRecord(content) ? content['keys'] : undefined;
    if (!Array.isArray(keys) || !keys.every(isStoredKey)) throw new TypeError('There is no list of keys.');
    return keys;
  } catch (error) {
    // A parser's own words would repeat a part of the file.
    const reason = (error as NodeJS.ErrnoException).code ?? say('no-keys');
    throw invalidRequest(say('keys-unreadable', { file, reason }));
  }
}

/**
 * Adds a key and makes the file if needed. Resolves with the key, which is shown only once, and the webhook secret.
 * @throws {ImageError} kind `invalid-request` for a bad or taken name, or a file that cannot be written.
 */
export async function addKey(
  file: string,
  name: string,
  limits: KeyLimits = {},
): Promise<{ readonly key: string; readonly secret: string }> {
  if (!namePattern.test(name)) throw invalidRequest(say('key-name', { name }));
  const keys = await readKeysOrNone(file);
  if (keys.some((stored) => stored.name === name)) throw invalidRequest(say('key-exists', { name }));
  const key = `hk_${randomBytes(32).toString('base64url')}`;
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const stored = { name, hash: hashOf(key).toString('hex'), secret, createdAt: new Date().toISOString(), ...limits };
  await writeKeys(file, [...keys, stored]);
  return { key, secret };
}

/** Removes a key; its running jobs go on. @throws {ImageError} kind `invalid-request` if there is none of that name. */
export async function revokeKey(file: string, name: string): Promise<void> {
  const keys = await readKeys(file);
  if (!keys.some((stored) => stored.name === name)) throw invalidRequest(say('key-absent', { name }));
  await writeKeys(
    file,
    keys.filter((stored) => stored.name !== name),
  );
}

/** How often a changed file is looked for. */
const reloadMs = 1000;

/** The keys of a file while a gateway runs: added and revoked ones count within a second. */
export class KeyFile {
  readonly #file: string;
  #keys: readonly StoredKey[];
  #readAtMs = 0;
  #version: string;

  private constructor(file: string, keys: readonly StoredKey[], version: string) {
    this.#file = file;
    this.#keys = keys;
    this.#version = version;
  }

  /** @throws {ImageError} kind `invalid-request` if the file cannot be read. */
  static async open(file: string): Promise<KeyFile> {
    return new KeyFile(file, await readKeys(file), await versionOf(file));
  }

  /** The caller with a key; undefined for an unknown or revoked one. In constant time for each key. */
  async find(key: string): Promise<Caller | undefined> {
    await this.#reload();
    const given = hashOf(key);
    let found: StoredKey | undefined;
    for (const stored of this.#keys) {
      if (timingSafeEqual(given, Buffer.from(stored.hash, 'hex'))) found = stored;
    }
    return found === undefined ? undefined : callerOf(found);
  }

  /** The caller of that name, unless its key was revoked meanwhile. */
  async findNamed(name: string): Promise<Caller | undefined> {
    await this.#reload();
    return this.named(name);
  }

  /** The caller of that name, as the file was last read. */
  named(name: string): Caller | undefined {
    const stored = this.#keys.find((one) => one.name === name);
    return stored === undefined ? undefined : callerOf(stored);
  }

  async #reload(): Promise<void> {
    const now = performance.now();
    if (now - this.#readAtMs < reloadMs) return;
    const version = await versionOf(this.#file);
    // While the file cannot be read, nobody is let in: it may have lost a key.
    if (version !== this.#version) this.#keys = await readKeys(this.#file);
    this.#version = version;
    this.#readAtMs = now;
  }
}

function callerOf({ name, secret, maxCost, maxConcurrent, backends }: StoredKey): Caller {
  return {
    key: name,
    secret,
    ...(maxCost === undefined ? {} : { maxCost }),
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    ...(backends === undefined ? {} : { backends }),
  };
}

function isStoredKey(value: unknown): value is StoredKey {
  if (!isRecord(value)) return false;
  const { name, hash, secret } = value;
  return (
    typeof name === 'string' && typeof secret === 'string' && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)
  );
}

async function readKeysOrNone(file: string): Promise<readonly StoredKey[]> {
  const exists = await stat(file).then(
    () => true,
    () => false,
  );
  return exists ? readKeys(file) : [];
}

async function writeKeys(file: string, keys: readonly StoredKey[]): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const content = `${JSON.stringify({ version: 1, keys }, undefined, 2)}\n`;
  try {
    await writeFile(temporary, content, { mode: 0o600, flush: true });
    await chmod(temporary, 0o600);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw invalidRequest(say('keys-unwritable', { file, reason: String((error as NodeJS.ErrnoException).code) }));
  }
}

async function versionOf(file: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(file).catch(() => ({ mtimeMs: 0, size: 0, ino: 0 }));
  return [mtimeMs, size, ino].join(' ');
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
