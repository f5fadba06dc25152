import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidRequest, sessionError, toImageError } from '../internal/errors.ts';
import { assertManifest } from './assert-manifest.ts';
import type { Manifest } from './manifest.ts';
import { manifestFileName } from './manifest.ts';
import { say } from './manifest-messages.ts';

/** Larger files are not manifests. */
const maxBytes = 64 * 1024 * 1024;

/**
 * Reads and checks a session's `manifest.json`. The form is also published as a JSON Schema:
 * `@holodeck/hybrid/manifest.schema.json`.
 *
 * @param path The file, or the session's folder.
 * @throws ImageError of kind `session` and code `not-found` when there is none, of kind `invalid-request` when it is not a
 *   manifest or of a newer version, of kind `storage` when it cannot be read.
 */
export async function readManifest(path: string): Promise<Manifest> {
  const file = path.endsWith('.json') ? path : join(path, manifestFileName);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw sessionError('not-found', say('manifest-none', { file }), error);
    }
    throw toImageError(error);
  }
  if (text.length > maxBytes) throw invalidRequest(say('manifest-large', { file }));
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw invalidRequest(say('manifest-json', { file }), error);
  }
  assertManifest(value, file);
  return value;
}
