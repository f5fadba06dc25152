import { join } from 'node:path';
import { maxTextBytes, readRegularFile } from '@holodeck/core/backend';
import { invalidRequest, sessionError, toImageError } from '../internal/errors.ts';
import { assertManifest } from './assert-manifest.ts';
import type { Manifest } from './manifest.ts';
import { manifestFileName } from './manifest.ts';
import { say } from './manifest-messages.ts';

/**
 * Reads and checks a session's `manifest.json`. The format is also published as a JSON Schema:
 * `@holodeck/hybrid/manifest.schema.json`.
 *
 * @param path The file, or the session's folder.
 * @throws ImageError of kind `session` and code `not-found` if there is none, of kind `invalid-request` if it is not a
 *   manifest or has a newer version, of kind `storage` if it cannot be read.
 */
export async function readManifest(path: string): Promise<Manifest> {
  const file = path.endsWith('.json') ? path : join(path, manifestFileName);
  let text: string;
  try {
    text = new TextDecoder().decode(await readRegularFile(file, maxTextBytes));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw sessionError('not-found', say('manifest-none', { file }), error);
    }
    if (code === 'EFBIG') throw invalidRequest(say('manifest-large', { file }), error);
    throw toImageError(error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidRequest(say('manifest-json', { file }), error);
  }
  assertManifest(value, file);
  return value;
}
