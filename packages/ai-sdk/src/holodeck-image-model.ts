import { APICallError } from '@ai-sdk/provider';
import type {
  ImageModelV4,
  ImageModelV4CallOptions,
  ImageModelV4File,
  ImageModelV4Result,
  SharedV4Warning,
} from '@ai-sdk/provider';
import { ImageError } from '@holodeck/core';
import type { GenerationTask, ReferenceInput } from '@holodeck/core';
import { canonicalJson, sha256Hex } from '@holodeck/core/backend';
import { createHash } from 'node:crypto';

import { say } from './ai-sdk-messages.ts';
import { imageSourceOf } from './image-source.ts';
import type { GeneratingClient, GeneratingHybrid, GeneratingSession, MadeImages } from './image-source.ts';

/** What `providerOptions.holodeck` may hold: what the AI SDK has no field for. */
export interface HolodeckCallOptions {
  /** Names the task. Default: a hash of the call, so that the same call continues where it stopped. */
  readonly taskId?: string;
  /** Separates equal task ids of different purposes. Default: the client's. Not within a session. */
  readonly scope?: string;
  /** The session of a model over a hybrid client. Its images follow the session's lock and look. */
  readonly session?: string;
  readonly negativePrompt?: string;
  readonly style?: string;
  readonly background?: 'transparent' | 'opaque';
  readonly format?: 'png' | 'jpeg' | 'webp';
  /** How the files of the call are used. Default `"style"`. */
  readonly role?: 'style' | 'init';
}

const defaultPixels = 1024 * 1024;

/**
 * A client as an image model of the AI SDK, for `generateImage({ model })`. Limits, retries, the store and resume are the
 * client's: a call that was paid for and cut off brings its image when it is made again. The SDK's own retries never send
 * what may have been paid for: such errors say `isRetryable: false`, with kind and outcome in `data`.
 *
 * Over a session of `@holodeck/hybrid` (or over a hybrid client, with `providerOptions.holodeck.session`) each image stands
 * under the session's lock and follows its scene reference.
 */
export function holodeckImageModel(from: GeneratingClient | GeneratingSession | GeneratingHybrid): ImageModelV4 {
  const source = imageSourceOf(from);
  const ordinals = new RunningOrdinals();
  return {
    specificationVersion: 'v4',
    provider: source.provider,
    modelId: source.modelId,
    maxImagesPerCall: source.maxCount,
    supportsFileInputs: source.takesFiles,
    supportsMaskInputs: false,
    async doGenerate(options) {
      const { task, session, warnings } = taskOf(options, source.multipleOf);
      const hash = hashOf(task);
      // The same call in two sessions makes two images, each the first of its session.
      const call = `${session} ${hash}`;
      const ordinal = ordinals.enter(call);
      try {
        const named = { taskId: `ai-sdk-${hash}-${ordinal}`, ...task };
        return resultOf(await source.make(named, session, options.abortSignal), warnings);
      } catch (error) {
        throw ImageError.isInstance(error) ? asCallError(error) : error;
      } finally {
        ordinals.leave(call, ordinal);
      }
    },
  };
}

function hashOf(task: GenerationTask): string {
  const references = task.references?.map(({ bytes = '', role }) => [
    createHash('sha256').update(bytes).digest('hex'),
    role,
  ]);
  return sha256Hex(canonicalJson({ ...task, references })).slice(0, 24);
}

/** Numbers equal calls that run at the same time, so that each makes an image of its own and a repeat finds all of them. */
class RunningOrdinals {
  readonly #running = new Map<string, Set<number>>();

  enter(hash: string): number {
    const taken = this.#running.get(hash) ?? new Set();
    this.#running.set(hash, taken);
    let ordinal = 1;
    while (taken.has(ordinal)) ordinal += 1;
    taken.add(ordinal);
    return ordinal;
  }

  leave(hash: string, ordinal: number): void {
    const taken = this.#running.get(hash);
    taken?.delete(ordinal);
    if (taken?.size === 0) this.#running.delete(hash);
  }
}

function taskOf(
  call: ImageModelV4CallOptions,
  multipleOf: number,
): { task: GenerationTask; session: string | undefined; warnings: SharedV4Warning[] } {
  const { prompt, n, size, aspectRatio, seed, files, mask, providerOptions } = call;
  const { holodeck = {}, ...others } = providerOptions;
  const { role, session, ...own } = holodeck as HolodeckCallOptions;
  const warnings: SharedV4Warning[] = [];
  if (mask !== undefined) warnings.push({ type: 'unsupported', feature: 'mask' });
  const mapped = size === undefined && aspectRatio !== undefined ? sizeOfRatio(aspectRatio, multipleOf) : undefined;
  if (mapped !== undefined) {
    const details = say('ratio-mapped', { ratio: aspectRatio ?? '', size: mapped }).message;
    warnings.push({ type: 'compatibility', feature: 'aspectRatio', details });
  }
  const references = (files ?? []).flatMap((file) => referenceOf(file, role, warnings));
  const task: GenerationTask = {
    prompt: prompt ?? '',
    count: n,
    ...((size ?? mapped) === undefined ? {} : { size: (size ?? mapped) as `${number}x${number}` }),
    ...(seed === undefined ? {} : { seed }),
    ...(references.length === 0 ? {} : { references }),
    ...own,
    ...(Object.keys(others).length === 0 ? {} : { providerOptions: others }),
  };
  return { task, session, warnings };
}

function referenceOf(
  file: ImageModelV4File,
  role: ReferenceInput['role'],
  warnings: SharedV4Warning[],
): ReferenceInput[] {
  if (file.type === 'url') {
    warnings.push({ type: 'unsupported', feature: 'files', details: 'URLs are not fetched: give the bytes.' });
    return [];
  }
  const bytes = typeof file.data === 'string' ? Buffer.from(file.data, 'base64') : file.data;
  return [{ bytes, ...(role === undefined ? {} : { role }) }];
}

/** About a megapixel in that ratio. */
function sizeOfRatio(ratio: string, multipleOf: number): string | undefined {
  const [wide = 0, high = 0] = ratio.split(':').map(Number);
  if (!(wide > 0) || !(high > 0)) return undefined;
  const round = (side: number): number => Math.max(multipleOf, Math.round(side / multipleOf) * multipleOf);
  return `${round(Math.sqrt((defaultPixels * wide) / high))}x${round(Math.sqrt((defaultPixels * high) / wide))}`;
}

function resultOf(made: MadeImages, warnings: SharedV4Warning[]): ImageModelV4Result {
  const { images, about, model, usage } = made;
  return {
    images: [...images],
    warnings: [...warnings, ...made.warnings.map((message): SharedV4Warning => ({ type: 'other', message }))],
    // The SDK keeps only what stands with each image.
    providerMetadata: { holodeck: { images: about.map((known) => ({ ...known })) } },
    response: { timestamp: new Date(), modelId: model, headers: undefined },
    ...(usage === undefined
      ? {}
      : {
          usage: { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, totalTokens: usage.totalTokens },
        }),
  };
}

/** The SDK retries what says `isRetryable`: only what is known not to have been paid for. */
function asCallError(error: ImageError): APICallError {
  const { kind, outcome, code, requestId, messageId, params, retryAfterMs } = error;
  const isFree = outcome === 'not-submitted' || outcome === 'rejected';
  return new APICallError({
    message: error.message,
    url: '',
    requestBodyValues: {},
    isRetryable: isFree && error.retryable,
    ...(retryAfterMs === undefined ? {} : { responseHeaders: { 'retry-after-ms': String(retryAfterMs) } }),
    data: { kind, outcome, code, requestId, messageId, params },
    cause: error,
  });
}
