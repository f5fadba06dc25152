import { fileURLToPath } from 'node:url';
import { ImageError } from '@holodeck/core';
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
    throw invalid('The address of the images is no URL.');
  }
  if (url.protocol === 'file:') return { kind: 'folder', path: folderOf(url) };
  if (url.protocol !== 's3:') throw invalid(`The address of the images begins with ${url.protocol}//.`);
  if (url.username !== '' || url.password !== '') {
    throw invalid('The address of the images holds a key. Put it into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.');
  }
  if (url.hostname === '') throw invalid('The address of the images names no bucket.');
  const unknown = [...url.searchParams.keys()].find((name) => !knownOptions.has(name));
  if (unknown !== undefined)
    throw invalid(`The address of the images has an unknown option ${JSON.stringify(unknown)}.`);
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint)) {
    throw invalid(`The endpoint ${JSON.stringify(endpoint)} is no http or https URL.`);
  }
  const pathStyle = url.searchParams.get('pathStyle') ?? String(endpoint !== undefined);
  if (pathStyle !== 'true' && pathStyle !== 'false') throw invalid('The option pathStyle must be true or false.');
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
    throw invalid('The address of the images names a folder of another host.');
  }
}

function invalid(problem: string): ImageError {
  return new ImageError({
    kind: 'invalid-request',
    outcome: 'not-submitted',
    message: `${problem} Write file:///mnt/pictures for a shared folder, or s3://bucket/prefix?region=eu-central-1 for a bucket, with &endpoint=https://host for other services than Amazon's.`,
  });
}
