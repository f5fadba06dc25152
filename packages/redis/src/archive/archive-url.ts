import { fileURLToPath } from 'node:url';
import type { ImageError } from '@holodeck/core';
import { invalidRequest, joinSentences, type Message } from '@holodeck/core/backend';
import { say } from './archive-messages.ts';
import type { ArchivePlace } from './image-archive.ts';

const knownOptions = new Set(['region', 'endpoint', 'pathStyle']);

/**
 * Reads `file:///mnt/pictures` or `s3://bucket[/prefix][?region=...&endpoint=https://...&pathStyle=true|false]`. Path style
 * (the bucket in the path instead of the host) is the default where an endpoint is given.
 * @throws {ImageError} kind `invalid-request`.
 */
export function parseArchiveUrl(text: string): ArchivePlace {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid(say('archive-not-url'));
  }
  if (url.protocol === 'file:') return { kind: 'folder', path: folderOf(url) };
  if (url.protocol !== 's3:') throw invalid(say('archive-scheme', { scheme: url.protocol }));
  if (url.username !== '' || url.password !== '') {
    throw invalid(say('archive-key'));
  }
  if (url.hostname === '') throw invalid(say('archive-bucket'));
  const unknown = [...url.searchParams.keys()].find((name) => !knownOptions.has(name));
  if (unknown !== undefined) throw invalid(say('archive-option', { name: JSON.stringify(unknown) }));
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint)) {
    throw invalid(say('archive-endpoint', { endpoint: JSON.stringify(endpoint) }));
  }
  const pathStyle = url.searchParams.get('pathStyle') ?? String(endpoint !== undefined);
  if (pathStyle !== 'true' && pathStyle !== 'false') throw invalid(say('archive-path-style'));
  const prefix = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
  return {
    kind: 'bucket',
    bucket: url.hostname,
    prefix: prefix === '' ? '' : `${prefix}/`,
    region: url.searchParams.get('region') ?? undefined,
    endpoint,
    pathStyle: pathStyle === 'true',
  };
}

function folderOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw invalid(say('archive-host'));
  }
}

function invalid(problem: Message): ImageError {
  return invalidRequest(joinSentences(problem, say('archive-form')));
}
