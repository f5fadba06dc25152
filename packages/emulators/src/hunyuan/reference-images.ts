/** Reference pictures in a request: a URL or bare base64 each, judged as the service judges them. */
import { createHash } from 'node:crypto';
import type { ImageHeader } from '../base/image-header.ts';
import { readImageHeader } from '../base/image-header.ts';
import { ServiceError, wrongValue } from './service-error.ts';

export interface ReferenceRules {
  formats: readonly ImageHeader['format'][];
  /** Bounds of each side, in pixels. */
  minSide: number;
  maxSide: number;
  /** Length of the base64 text, in bytes, that is already too much. */
  base64Limit: number;
}

export interface Reference {
  /** SHA-256 of the bytes, or of the URL where the picture was not fetched. */
  readonly hash: string;
  /** `undefined` for a picture that was not fetched. */
  readonly size?: { readonly width: number; readonly height: number };
  readonly bytes?: Uint8Array;
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Checks one reference. URLs on loopback are fetched; others are taken on trust, for the emulator must not reach out.
 * @throws {ServiceError} with the service's code.
 */
export async function readReference(text: string, rules: ReferenceRules): Promise<Reference> {
  if (text.trim() === '') throw new ServiceError('InvalidParameterValue.ImageEmpty');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return readUrl(text, rules);
  if (text.length >= rules.base64Limit) throw new ServiceError('FailedOperation.RequestEntityTooLarge');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new ServiceError('FailedOperation.ImageDecodeFailed');
  return judge(Buffer.from(text, 'base64'), rules);
}

async function readUrl(text: string, rules: ReferenceRules): Promise<Reference> {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) throw new ServiceError('InvalidParameterValue.UrlIllegal');
  const url = new URL(text);
  if (!loopback.test(url.hostname)) return { hash: createHash('sha256').update(text).digest('hex') };
  let bytes: ArrayBuffer;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    bytes = await response.arrayBuffer();
  } catch {
    throw new ServiceError('FailedOperation.ImageDownloadError');
  }
  return judge(new Uint8Array(bytes), rules);
}

function judge(bytes: Uint8Array, rules: ReferenceRules): Reference {
  const header = readImageHeader(bytes);
  if (header === undefined || !rules.formats.includes(header.format))
    throw new ServiceError('FailedOperation.ImageDecodeFailed');
  const { width, height } = header;
  if (Math.min(width, height) < rules.minSide || Math.max(width, height) > rules.maxSide)
    throw wrongValue(`图片边长需在${rules.minSide}到${rules.maxSide}像素之间`);
  return { hash: createHash('sha256').update(bytes).digest('hex'), size: { width, height }, bytes };
}
