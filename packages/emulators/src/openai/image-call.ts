/** One request to the image endpoints, read from JSON or multipart and checked as the service does. */
import { createHash } from 'node:crypto';
import type { ImageHeader } from '../base/image-header.ts';
import type { OpenAIServerKind } from './openai-settings.ts';

/** A picture that was uploaded. */
export interface UploadedPicture {
  /** Name of the part: `image`, `image[]`, `mask` or `markup`. */
  readonly field: string;
  readonly filename: string;
  readonly type: string;
  readonly sha256: string;
  readonly byteLength: number;
  readonly bytes: Uint8Array;
  readonly header: ImageHeader;
}

export type OutputFormat = 'png' | 'jpeg' | 'webp';

export interface ImageCall {
  readonly operation: 'generate' | 'edit';
  readonly model: string;
  readonly prompt: string;
  readonly count: number;
  readonly size: string;
  readonly quality: 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  readonly background: 'transparent' | 'opaque';
  readonly format: OutputFormat;
  /** `undefined`: not streamed. */
  readonly partialImages: number | undefined;
  readonly responseFormat: string | undefined;
  readonly seed: number | undefined;
  readonly images: readonly UploadedPicture[];
  readonly mask?: UploadedPicture;
  /** The parameters as they were sent. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The parts of a call that follow from its parameters, with the service's defaults. */
export function completeCall(
  operation: 'generate' | 'edit',
  parameters: Readonly<Record<string, unknown>>,
  pictures: readonly UploadedPicture[],
  server: OpenAIServerKind,
): ImageCall {
  const text = (name: string): string | undefined =>
    typeof parameters[name] === 'string' ? parameters[name] : undefined;
  const quality = text('quality');
  const format = text('output_format');
  const tag = server === 'sdcpp' ? readExtraArgs(text('prompt') ?? '') : undefined;
  const seed = tag?.values['seed'] ?? parameters['seed'];
  const mask = pictures.find(({ field }) => field === 'mask');
  return {
    operation,
    model: text('model') ?? (server === 'sdcpp' ? 'sd-cpp-local' : 'gpt-image-1.5'),
    prompt: tag?.prompt ?? text('prompt') ?? '',
    count: typeof parameters['n'] === 'number' ? parameters['n'] : 1,
    size: text('size') ?? 'auto',
    quality: quality === 'low' || quality === 'high' || quality === 'xhigh' || quality === 'max' ? quality : 'medium',
    background: text('background') === 'transparent' ? 'transparent' : 'opaque',
    format: format === 'jpeg' || format === 'webp' ? format : 'png',
    partialImages:
      parameters['stream'] === true
        ? typeof parameters['partial_images'] === 'number'
          ? parameters['partial_images']
          : 0
        : undefined,
    responseFormat: text('response_format'),
    seed: typeof seed === 'number' ? seed : undefined,
    images: pictures.filter(({ field }) => field === 'image' || field === 'image[]'),
    ...(mask === undefined ? {} : { mask }),
    parameters,
  };
}

/** What the look of a picture follows when it is made from others. */
export function lookOf(call: ImageCall): string | undefined {
  if (call.images.length === 0) return undefined;
  return createHash('sha256')
    .update(call.images.map(({ sha256 }) => sha256).join())
    .digest('hex');
}

/** `sd-server` takes further parameters from a tag in the prompt and removes the tag. */
function readExtraArgs(prompt: string): { prompt: string; values: Record<string, unknown> } {
  const match = /<sd_cpp_extra_args>(.*?)<\/sd_cpp_extra_args>/.exec(prompt);
  const rest = prompt.replaceAll(/<sd_cpp_extra_args>.*?<\/sd_cpp_extra_args>/g, '').trim();
  if (match?.[1] === undefined) return { prompt: rest, values: {} };
  try {
    return { prompt: rest, values: JSON.parse(match[1]) as Record<string, unknown> };
  } catch {
    return { prompt: rest, values: {} };
  }
}
