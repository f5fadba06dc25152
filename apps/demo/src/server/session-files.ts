import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { makeZip } from 'client-zip';
import { say } from './demo-messages.ts';
import { HttpError } from './http-error.ts';

/** The files of a session's folder that a page may read, by the form of the path. */
const visible: readonly RegExp[] = [
  /^(?:scene-ref|(?:cards|images)\/[^/]+)(?:\.png|\.original\.(?:jpg|webp))$/,
  /^views\/[^/]+\/[^/]+(?:\.png|\.original\.(?:jpg|webp))$/,
  /^superseded\/\d+\/[^/]+\.png$/,
  /^\.incoming\/previews\/[^/]+\.(?:png|jpg|webp)$/,
  /^(?:contact-sheet\.png)$/,
];

const mediaTypes: Readonly<Record<string, string>> = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp' };

/** URL of a session's file; `version` changes with the contents. */
export function fileUrl(sessionId: string, path: string, version: string): string {
  const parts = path.split('/').map(encodeURIComponent).join('/');
  return `/api/sessions/${encodeURIComponent(sessionId)}/files/${parts}?v=${encodeURIComponent(version)}`;
}

/** A picture of a session's folder as an answer. @throws HttpError 404 */
export async function sendFile(folder: string, path: string): Promise<Response> {
  // A path that is not normalised could leave the folder.
  const isPlain = posix.normalize(path) === path && !path.includes('\\') && !path.includes('\0');
  if (!isPlain || !visible.some((form) => form.test(path))) throw notFound();
  const absolute = join(folder, ...path.split('/'));
  // A link, of the file or of a folder on the way to it, could lead anywhere.
  const [root, real] = await Promise.all([realpath(folder), realpath(absolute)]).catch(() => []);
  if (root === undefined || real !== join(root, ...path.split('/'))) throw notFound();
  const found = await stat(real).catch(() => undefined);
  if (found === undefined || !found.isFile()) throw notFound();
  const extension = path.slice(path.lastIndexOf('.') + 1);
  return new Response(Readable.toWeb(createReadStream(absolute)) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': mediaTypes[extension] ?? 'application/octet-stream',
      'content-length': String(found.size),
      // The URL carries the version.
      'cache-control': 'private, max-age=31536000, immutable',
    },
  });
}

/** The session's folder as a zip archive, streamed; without hidden files. */
export function sendArchive(sessionId: string, folder: string): Response {
  const name = encodeURIComponent(sessionId);
  return new Response(makeZip(entriesOf(folder, sessionId)), {
    headers: {
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="session.zip"; filename*=UTF-8''${name}.zip`,
      'cache-control': 'no-store',
    },
  });
}

async function* entriesOf(
  folder: string,
  prefix: string,
): AsyncGenerator<{ name: string; lastModified: Date; input: AsyncIterable<Uint8Array<ArrayBuffer>> }> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* entriesOf(path, `${prefix}/${entry.name}`);
    else if (entry.isFile()) {
      const { mtime } = await stat(path);
      yield { name: `${prefix}/${entry.name}`, lastModified: mtime, input: createReadStream(path) };
    }
  }
}

function notFound(): HttpError {
  return new HttpError(404, 'not-found', say('no-file'));
}
