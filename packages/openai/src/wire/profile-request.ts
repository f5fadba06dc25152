import type { ProfileWire } from '../openai-profiles.ts';
import type { EditFiles } from './openai-pictures.ts';
import type { SdkCall } from './openai-transport.ts';
import type { ImagesParameters } from './openai-wire.ts';

/** From this side on a size is in the larger tier of servers that have tiers. */
const largeSide = 1536;

/** A request in the words of a server that does not have OpenAI's: everything that is sent, with the pictures in it. */
export async function profileCall(
  wire: ProfileWire,
  parameters: ImagesParameters,
  files: EditFiles | undefined,
  signal: AbortSignal,
): Promise<SdkCall> {
  const { size, n, ...rest } = parameters;
  const values = {
    ...wire.fixed,
    ...rest,
    ...sizeOf(wire, size),
    ...(n === undefined ? {} : { [wire.count]: n }),
  };
  const path = files === undefined ? wire.generate : wire.edit;
  const { images = [] } = files ?? {};
  const body =
    images.length > 0 && wire.references === 'image-parts'
      ? formOf(values, images)
      : { ...values, ...referencesOf(wire, await Promise.all(images.map(dataUri))) };
  return (client, fetchOptions) => client.post(path, { body, signal, fetchOptions });
}

function sizeOf({ size: spelling }: ProfileWire, size: string | undefined): Record<string, unknown> {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(size ?? '')?.map(Number) ?? [];
  if (size === undefined || width === undefined || height === undefined) return size === undefined ? {} : { size };
  if (spelling === 'width-and-height') return { width, height };
  if (spelling !== 'aspect-ratio') return { [spelling]: size };
  const divisor = greatestDivisor(width, height);
  return {
    aspect_ratio: `${width / divisor}:${height / divisor}`,
    resolution: Math.max(width, height) >= largeSide ? '2k' : '1k',
  };
}

function referencesOf({ references }: ProfileWire, uris: readonly string[]): Record<string, unknown> {
  if (uris.length === 0) return {};
  const [first] = uris;
  switch (references) {
    case 'image':
      return { image: uris.length === 1 ? first : uris };
    case 'image-objects': {
      const objects = uris.map((url) => ({ url, type: 'image_url' }));
      return objects.length === 1 ? { image: objects[0] } : { images: objects };
    }
    case 'numbered':
      return Object.fromEntries(uris.map((uri, index) => [index === 0 ? 'image' : `image${index + 1}`, uri]));
    case 'input_references':
      return { input_references: uris.map((url) => ({ type: 'image_url', image_url: { url } })) };
    case 'reference_images':
    case 'image-parts':
      return { reference_images: uris };
    default:
      return references satisfies never;
  }
}

function formOf(values: Readonly<Record<string, unknown>>, images: readonly File[]): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) {
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  for (const image of images) form.append('image', image);
  return form;
}

async function dataUri(file: File): Promise<string> {
  return `data:${file.type};base64,${Buffer.from(await file.arrayBuffer()).toString('base64')}`;
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}
