import { resolve } from 'node:path';
import { inspectImage, invalidRequest, maxPictureBytes, readRegularFile } from '@holodeck/core/backend';
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
const maxMaskBytes = 4_000_000;
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
  if (name === 'mask' && bytes.byteLength >= maxMaskBytes) {
    throw invalidRequest(say('overlay-bytes', { name, bytes: bytes.byteLength, max: maxMaskBytes }), { backend });
  }
  return toFile(bytes, info.mediaType, name);
}

async function readOption(name: string, option: PictureOption): Promise<Uint8Array> {
  if (option instanceof Uint8Array) return option;
  if (typeof option !== 'string' && 'bytes' in option) return option.bytes;
  const path = resolve(typeof option === 'string' ? option : option.path);
  try {
    return await readRegularFile(path, maxPictureBytes);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw invalidRequest(say('overlay-unreadable', { name, path, code }), { backend, cause: error });
  }
}

function toFile(bytes: Uint8Array, mediaType: string, name: string): File {
  return new File([bytes as Uint8Array<ArrayBuffer>], `${name}.${extensions[mediaType] ?? 'img'}`, { type: mediaType });
}
