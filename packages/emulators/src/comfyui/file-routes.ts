/** /view and the uploads. */
import type { Reply } from '../base/exchange.ts';
import { parseMultipart } from '../base/multipart-body.ts';
import { OutsidePath } from './file-store.ts';
import type { FileStore, FolderType, StoredFile } from './file-store.ts';

const empty = (status: number): Reply => ({ status });
const folders: readonly string[] = ['input', 'output', 'temp'];
const mediaTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  txt: 'text/plain',
};

/** The answer of GET /view, and the file that it brings. */
export async function answerView(
  query: URLSearchParams,
  headers: { range?: string | undefined; ifNoneMatch?: string | undefined },
  files: FileStore,
): Promise<{ reply: Reply; file?: StoredFile }> {
  let filename = query.get('filename') ?? '';
  let type = query.get('type') ?? 'output';
  const annotated = /^(.*) \[(input|output|temp)\]$/.exec(filename);
  if (annotated !== null) [filename, type] = [annotated[1]!, annotated[2]!];
  if (filename === '') return { reply: empty(query.has('filename') ? 400 : 404) };
  if (!folders.includes(type) || filename.startsWith('/') || filename.includes('..')) return { reply: empty(400) };
  const subfolder = query.get('subfolder') ?? '';
  if (subfolder.startsWith('/') || subfolder.split('/').includes('..')) return { reply: empty(403) };
  // Folders belong into "subfolder": those in the name are not looked at.
  filename = filename.slice(filename.lastIndexOf('/') + 1);
  const file = files.find(type, subfolder, filename);
  if (file === undefined) return { reply: empty(404) };
  const bytes = await file.content();
  const extension = filename.split('.').at(-1)!.toLowerCase();
  const known = mediaTypes[extension];
  const etag = `"${file.hash}"`;
  const base = {
    'content-type': known ?? 'application/octet-stream',
    'content-disposition': `${known === undefined ? 'attachment; ' : ''}filename="${encodeURI(filename)}"`,
    etag,
    'last-modified': new Date(file.modifiedAtMs).toUTCString(),
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
  };
  if (headers.ifNoneMatch === etag) return { reply: { status: 304, headers: base }, file };
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  if (range === null) return { reply: { status: 200, headers: base, body: bytes }, file };
  const start = Number(range[1]);
  if (start >= bytes.length) {
    return { reply: { status: 416, headers: { ...base, 'content-range': `bytes */${bytes.length}` } }, file };
  }
  const end = range[2] === '' ? bytes.length - 1 : Math.min(bytes.length - 1, Number(range[2]));
  const part = { ...base, 'content-range': `bytes ${start}-${end}/${bytes.length}` };
  return { reply: { status: 206, headers: part, body: bytes.subarray(start, end + 1) }, file };
}

/** POST /upload/image, and /upload/mask, which wants an `original_ref` besides. */
export function answerUpload(
  contentType: string,
  body: Buffer,
  files: FileStore,
  now: number,
  isMask: boolean,
): Reply | 'exception' {
  const parts = parseMultipart(contentType, body);
  const image = parts?.find((part) => part.name === 'image');
  if (parts === undefined || image?.filename === undefined || image.filename === '') return empty(400);
  const field = (name: string): string | undefined =>
    parts.find((part) => part.name === name)?.content.toString('utf8');
  if (isMask && field('original_ref') === undefined) return 'exception';
  const type = field('type') ?? 'input';
  if (!folders.includes(type)) return 'exception';
  const overwrite = ['true', '1'].includes(field('overwrite') ?? '');
  try {
    const stored = files.upload(
      type as FolderType,
      field('subfolder') ?? '',
      image.filename,
      Buffer.from(image.content),
      overwrite,
      now,
    );
    const { filename, subfolder } = stored;
    return json({ name: filename, subfolder, type });
  } catch (error) {
    if (error instanceof OutsidePath) return empty(400);
    throw error;
  }
}

function json(body: unknown): Reply {
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
