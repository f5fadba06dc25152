import { resolve } from 'node:path';
import { inspectImage, invalidRequest, maxPictureBytes, readRegularFile } from '@holodeck/core/backend';
import type { ImageError } from '@holodeck/core';
import type { ImageRequest } from '@holodeck/core/backend';
import { say } from '../openai-messages.ts';
import type { OpenAIProviderOptions, PictureOption } from '../openai-provider-options.ts';

/** The picture files of an edit, with the types and names that the service asks for. */
export interface EditFiles {
  /** In the caller's order. */
  readonly images: readonly File[];
  readonly mask?: File;
  readonly markup?: File;
}

const backend = 'openai';
/** The service refuses a mask of 4 MB and more. */
const maxOverlayBytes = { mask: 3_999_999, markup: maxPictureBytes } as const;
const extensions: Readonly<Record<string, string>> = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/webp': 'webp' };

/**
 * Reads and checks the pictures of a request; undefined when it has none. The service refuses a part without a type, so the
 * bytes decide the type.
 * @throws {ImageError} kind `invalid-request`, outcome `not-submitted`.
 */
export async function readEditFiles(request: ImageRequest): Promise<EditFiles | undefined> {
  const [first] = request.references;
  if (first === undefined) return undefined;
  const images: File[] = [];
  for (const [index, reference] of request.references.entries()) {
    images.push(toFile(await reference.read(), reference.mediaType, `reference-${index + 1}`));
  }
  const options = request.providerOptions as OpenAIProviderOptions;
  const mask = options.mask === undefined ? undefined : await readOverlay('mask', options.mask, first);
  const markup = options.markup === undefined ? undefined : await readOverlay('markup', options.markup, first);
  return { images, ...(mask === undefined ? {} : { mask }), ...(markup === undefined ? {} : { markup }) };
}

async function readOverlay(
  name: 'mask' | 'markup',
  option: PictureOption,
  first: { readonly width: number; readonly height: number },
): Promise<File> {
  const bytes = await readOption(name, option);
  const info = inspectImage(bytes);
  if (info?.mediaType !== 'image/png' || !info.complete)
    throw invalidRequest(say('overlay-png', { name }), { backend });
  if (info.width !== first.width || info.height !== first.height) {
    const sizes = { size: `${info.width}x${info.height}`, wanted: `${first.width}x${first.height}` };
    throw invalidRequest(say('overlay-size', { name, ...sizes }), { backend });
  }
  if (!info.hasAlpha) throw invalidRequest(say('overlay-opaque', { name }), { backend });
  return toFile(bytes, info.mediaType, name);
}

async function readOption(name: keyof typeof maxOverlayBytes, option: PictureOption): Promise<Uint8Array> {
  const max = maxOverlayBytes[name];
  const tooLarge = (): ImageError => invalidRequest(say('overlay-bytes', { name, max }), { backend });
  const given = option instanceof Uint8Array ? option : typeof option !== 'string' && 'bytes' in option && option.bytes;
  if (given !== false) {
    if (given.byteLength > max) throw tooLarge();
    return given;
  }
  const path = resolve(typeof option === 'string' ? option : (option as { readonly path: string }).path);
  try {
    return await readRegularFile(path, max);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EFBIG') throw tooLarge();
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw invalidRequest(say('overlay-unreadable', { name, path, code }), { backend, cause: error });
  }
}

function toFile(bytes: Uint8Array, mediaType: string, name: string): File {
  return new File([bytes as Uint8Array<ArrayBuffer>], `${name}.${extensions[mediaType] ?? 'img'}`, { type: mediaType });
}
