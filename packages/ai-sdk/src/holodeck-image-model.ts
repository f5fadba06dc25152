import { APICallError } from '@ai-sdk/provider';
import type {
  ImageModelV4,
  ImageModelV4CallOptions,
  ImageModelV4File,
  ImageModelV4Result,
  SharedV4Warning,
} from '@ai-sdk/provider';
import type { GenerationResult, GenerationTask, ImageClient, ImageError, ReferenceInput } from '@holodeck/core';
import { canonicalJson, sha256Hex } from '@holodeck/core/backend';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { say } from './ai-sdk-messages.ts';

/** What `providerOptions.holodeck` may hold: what the AI SDK has no field for. */
export interface HolodeckCallOptions {
  /** Names the task. Default: a hash of the call, so that the same call continues where it stopped. */
  readonly taskId?: string;
  /** Separates equal task ids of different purposes, such as a session's. Default: the client's. */
  readonly scope?: string;
  readonly negativePrompt?: string;
  readonly style?: string;
  readonly background?: 'transparent' | 'opaque';
  readonly format?: 'png' | 'jpeg' | 'webp';
  /** How the files of the call are used. Default `"style"`. */
  readonly role?: 'style' | 'init';
}

/** A client, as far as it is needed here. */
export type GeneratingClient = Pick<ImageClient, 'generate' | 'backend'>;

const defaultPixels = 1024 * 1024;

/**
 * A client as an image model of the AI SDK, for `generateImage({ model })`. Limits, retries, the store and resume are the
 * client's: a call that was paid for and cut off brings its image when it is made again. The SDK's own retries never send
 * what may have been paid for: such errors say `isRetryable: false`, with kind and outcome in `data`.
 */
export function holodeckImageModel(client: GeneratingClient): ImageModelV4 {
  const { backend } = client;
  const { maxCount, references } = backend.capabilities;
  const ordinals = new RunningOrdinals();
  return {
    specificationVersion: 'v4',
    provider: `holodeck.${backend.name}`,
    modelId: backend.model,
    maxImagesPerCall: maxCount,
    supportsFileInputs: references !== undefined,
    supportsMaskInputs: false,
    async doGenerate(call) {
      const { task, warnings } = taskOf(call, backend.capabilities.size.multipleOf ?? 8);
      const hash = sha256Hex(
        canonicalJson({
          ...task,
          references: task.references?.map(({ bytes, role }) => [
            createHash('sha256')
              .update(bytes ?? '')
              .digest('hex'),
            role,
          ]),
        }),
      ).slice(0, 24);
      const ordinal = ordinals.enter(hash);
      try {
        const result = await client.generate(
          { taskId: `ai-sdk-${hash}-${ordinal}`, ...task },
          call.abortSignal ? { signal: call.abortSignal } : {},
        );
        if (!result.success) throw asCallError(result.error);
        return await resultOf(result, warnings);
      } finally {
        ordinals.leave(hash, ordinal);
      }
    },
  };
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
): { task: GenerationTask; warnings: SharedV4Warning[] } {
  const { prompt, n, size, aspectRatio, seed, files, mask, providerOptions } = call;
  const { holodeck = {}, ...others } = providerOptions;
  const { role, ...own } = holodeck as HolodeckCallOptions;
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
  return { task, warnings };
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

async function resultOf(
  result: GenerationResult & { success: true },
  warnings: SharedV4Warning[],
): Promise<ImageModelV4Result> {
  const images = await Promise.all(
    result.images.map(async ({ path, bytes }) => Uint8Array.from(bytes ?? (await readFile(path ?? '')))),
  );
  const { taskId, source, jobId, paidAttempts, usage } = result;
  // The SDK keeps only what stands with each image.
  const about = result.images.map(({ seed, revisedPrompt, path }) => ({
    taskId,
    source,
    paidAttempts,
    ...(jobId === undefined ? {} : { jobId }),
    ...(seed === undefined ? {} : { seed }),
    ...(revisedPrompt === undefined ? {} : { revisedPrompt }),
    ...(path === undefined ? {} : { path }),
  }));
  return {
    images,
    warnings: [...warnings, ...result.warnings.map(({ message }): SharedV4Warning => ({ type: 'other', message }))],
    providerMetadata: { holodeck: { images: about } },
    response: { timestamp: new Date(), modelId: result.model, headers: undefined },
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
