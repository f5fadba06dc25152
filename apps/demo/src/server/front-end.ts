import { fileURLToPath } from 'node:url';

/** A file of the built page. */
export interface FrontEndFile {
  readonly content: string | Uint8Array;
  readonly mediaType: string;
}

/** The built page by path: `/index.html`, `/assets/...`. */
export type FrontEnd = ReadonlyMap<string, FrontEndFile>;

const mediaTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  map: 'application/json',
};

/** Builds the page in memory, from its sources. Takes less than a second. */
export async function buildFrontEnd(): Promise<FrontEnd> {
  const { build } = await import('vite');
  const configFile = fileURLToPath(new URL('../../vite.config.ts', import.meta.url));
  const built = await build({ configFile, logLevel: 'error', build: { write: false } });
  const outputs = Array.isArray(built) ? built : [built];
  const files = new Map<string, FrontEndFile>();
  for (const output of outputs) {
    if (!('output' in output)) continue;
    for (const file of output.output) {
      const extension = file.fileName.slice(file.fileName.lastIndexOf('.') + 1);
      const mediaType = mediaTypes[extension] ?? 'application/octet-stream';
      files.set(`/${file.fileName}`, { content: file.type === 'chunk' ? file.code : file.source, mediaType });
    }
  }
  return files;
}
