import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@holodeck/core/backend';
import { readManifest, objectIdFromName } from '@holodeck/hybrid';
import type { Manifest } from '@holodeck/hybrid';
import type { CreateSession } from '../shared/demo-api.ts';
import type { DownPolicy } from '../shared/session-view.ts';

/** The user's request, stored beside the images because a session learns of objects only when their cards begin. */
export interface Scene {
  readonly version: 1;
  readonly text: string;
  readonly style: string;
  readonly policy: DownPolicy;
  readonly objects: readonly { readonly id: string; readonly name: string; readonly description: string }[];
  /** Unix time in milliseconds. */
  readonly createdAtMs: number;
}

const fileName = 'scene.json';

/** A unique id that begins with the text's first words. */
export function newSessionId(text: string): string {
  const words = Array.from(objectIdFromName(text))
    .slice(0, 28)
    .join('')
    .replace(/[-.]+$/u, '');
  return `${words}-${randomBytes(3).toString('hex')}`;
}

/** The scene of a request; ids are made from names. */
export function sceneOf({ text, style, policy, objects }: CreateSession, createdAtMs: number): Scene {
  const taken: string[] = [];
  const named = objects.map(({ name, description }) => {
    const id = objectIdFromName(name, taken);
    taken.push(id);
    return { id, name, description };
  });
  return { version: 1, text, style, policy, objects: named, createdAtMs };
}

export async function writeScene(folder: string, scene: Scene): Promise<void> {
  await makeFolder(folder);
  const temporary = join(folder, `.${randomBytes(6).toString('hex')}.tmp`);
  await writeFile(temporary, `${JSON.stringify(scene, undefined, 2)}\n`, { flush: true });
  await rename(temporary, join(folder, fileName));
}

/** The scene of a folder, from its own file or from the manifest of another tool's session. Undefined if there is neither. */
export async function readScene(folder: string): Promise<Scene | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, fileName), 'utf8')) as Scene;
  } catch {
    const manifest = await readManifestIfAny(folder);
    return manifest === undefined ? undefined : sceneOfManifest(manifest);
  }
}

/** The folder's manifest; undefined if it cannot be read. */
export async function readManifestIfAny(folder: string): Promise<Manifest | undefined> {
  return readManifest(folder).catch(() => undefined);
}

function sceneOfManifest(manifest: Manifest): Scene {
  const objects = manifest.assets.flatMap(({ spec, state }) =>
    spec.kind === 'card' && spec.view === undefined && state !== 'superseded'
      ? [{ id: spec.objectId, name: spec.name, description: spec.description }]
      : [],
  );
  return {
    version: 1,
    text: manifest.sceneText ?? '',
    style: manifest.style ?? '',
    policy: 'fail',
    objects,
    createdAtMs: Date.parse(manifest.acquiredAt ?? manifest.updatedAt),
  };
}

/** Ids of the sessions in an output folder. */
export async function listSessionFolders(outputDir: string): Promise<readonly string[]> {
  const entries = await readdir(outputDir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
}
