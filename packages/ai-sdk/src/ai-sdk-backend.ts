import type { ImageModelV3, ImageModelV4, ImageModelV4CallOptions, ImageModelV4File } from '@ai-sdk/provider';
import { ImageError } from '@holodeck/core';
import type { ImageBackend, ImageWarning, ProbeReport } from '@holodeck/core';
import { createHash } from 'node:crypto';
import { canonicalJson, credentialHash, ImageWatch, probeReport, takeImages } from '@holodeck/core/backend';
import { joinSentences } from '@holodeck/core/messages';
import type {
  BackendCapabilities,
  BackendResult,
  ImageRequest,
  JobContext,
  JobHandle,
  Lane,
  ProbeContext,
  ProbeFindings,
} from '@holodeck/core/backend';

import { errorOfModel } from './ai-sdk-errors.ts';
import { say } from './ai-sdk-messages.ts';
import { AnswerFile, answerFileName, hasAnswer, readAnswer } from './kept-answer.ts';
import type { AnswerHeader, KeptAnswer } from './kept-answer.ts';
import { detailsOf, warningText } from './model-answer.ts';

/** An image model of the AI SDK, of a version that is understood. */
export type AiSdkImageModel = ImageModelV3 | ImageModelV4;

/** What the AI SDK does not say of a model, so that its user has to. */
export type AiSdkCapabilities = Partial<
  Pick<BackendCapabilities, 'size' | 'maxPromptLength' | 'maxCount' | 'seed' | 'references' | 'billable'>
>;

/** Options of `createAiSdkBackend`. */
export interface AiSdkBackendOptions {
  /** Such as `openai.image('gpt-image-1')`. */
  readonly model: AiSdkImageModel;
  /** Name of the backend in locks, manifests and metrics: small letters, digits, hyphens. Default `aisdk-<provider>`. */
  readonly name?: string;
  /**
   * What the model takes. Default: any size, prompts of 32,000 characters, one image (or what the model says), no seed and no
   * reference pictures, billable.
   */
  readonly capabilities?: AiSdkCapabilities;
  /** Whether the model wants a size as `"1024x1024"` or an aspect ratio as `"1:1"`. Default `"size"`. */
  readonly sizeAs?: 'size' | 'aspect-ratio';
  /** Requests at once. Default 4. */
  readonly maxConcurrent?: number;
  /** Names the account in handles, where one model is used with several keys. Never shown; only its hash is kept. */
  readonly account?: string;
  /** Images of one answer together, in bytes. Default 256 MiB. */
  readonly maxAnswerBytes?: number;
  /** Names of the provider's own options that tasks may give. Default: none; others are refused before anything is sent. */
  readonly providerOptions?: readonly string[];
  /**
   * A free request that shows whether the service is there and takes the key, such as one for the list of models. Default:
   * none; then a probe says `unknown`, since the AI SDK has no such question.
   */
  readonly check?: (signal: AbortSignal) => Promise<Pick<Response, 'status'>>;
  /** Called by `close()`: frees what the model's own `fetch` holds. Default: nothing. */
  readonly close?: () => void | Promise<void>;
}

const defaultMaxAnswerBytes = 256 * 1024 * 1024;
/** Answers in memory that were collected and are kept for a second look. */
const collectedInMemory = 4;

/**
 * Any image model of the AI SDK (specification v3 or v4) as a backend: one `doGenerate` for a submission, without the SDK's
 * retries. Its answer is kept on disk before anything else is done with it.
 */
export class AiSdkBackend implements ImageBackend {
  readonly name: string;
  readonly model: string;
  readonly fingerprint: string;
  readonly capabilities: BackendCapabilities;
  readonly lanes: readonly [Lane];
  readonly #model: AiSdkImageModel;
  readonly #options: AiSdkBackendOptions;
  readonly #credential: string;
  readonly #memory = new Map<string, KeptAnswer>();
  readonly #collected: string[] = [];

  /** @throws {ImageError} kind `invalid-request`, when the model is of another specification. */
  constructor(options: AiSdkBackendOptions) {
    const { model, capabilities = {}, account = '', maxConcurrent = 4 } = options;
    const version = String((model as { readonly specificationVersion?: string }).specificationVersion);
    if (version !== 'v3' && version !== 'v4') {
      throw new ImageError({
        kind: 'invalid-request',
        outcome: 'not-submitted',
        backend: 'ai-sdk',
        ...say('other-version', { model: model.modelId, version }),
      });
    }
    this.#options = options;
    this.#model = model;
    this.name =
      options.name ??
      `aisdk-${model.provider
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '')}`;
    this.model = model.modelId;
    const declared = createHash('sha256')
      .update(canonicalJson({ ...capabilities, sizeAs: options.sizeAs }))
      .digest('hex')
      .slice(0, 8);
    this.fingerprint = `ai-sdk:${model.provider}:${model.modelId}:${declared}`;
    this.#credential = credentialHash('ai-sdk', model.provider, account);
    this.lanes = [
      {
        id: `${this.name}:${model.provider}#${this.#credential}`,
        label: model.provider,
        defaultMaxConcurrent: maxConcurrent,
      },
    ];
    const maxCount = capabilities.maxCount ?? (typeof model.maxImagesPerCall === 'number' ? model.maxImagesPerCall : 1);
    this.capabilities = {
      size: capabilities.size ?? {},
      maxPromptLength: capabilities.maxPromptLength ?? 32_000,
      maxCount,
      ...(capabilities.seed === undefined ? {} : { seed: capabilities.seed }),
      ...(capabilities.references === undefined ? {} : { references: capabilities.references }),
      style: false,
      transparentBackground: false,
      formats: [],
      progress: 'none',
      locatable: true,
      cancellable: false,
      billable: capabilities.billable ?? true,
      limitSignal: 'headers',
      submitAbortGraceMs: 0,
      validate: ({ providerOptions }) =>
        Object.keys(providerOptions)
          .filter((option) => !(options.providerOptions ?? []).includes(option))
          .map((option) =>
            say('unknown-option', { option, backend: this.name, known: options.providerOptions?.join(', ') ?? '-' }),
          ),
    };
  }

  async probe({ signal }: ProbeContext): Promise<ProbeReport> {
    signal.throwIfAborted();
    const startedAt = performance.now();
    const found = await this.#check(signal);
    signal.throwIfAborted();
    return probeReport({
      backend: this.name,
      model: this.model,
      proves: [say('proves-loaded'), ...(found.status === 'ready' ? [say('proves-key')] : [])],
      doesNotProve: [...(found.status === 'ready' ? [] : [say('not-proven-key')]), say('not-proven-balance')],
      checkedAtMs: Date.now(),
      durationMs: performance.now() - startedAt,
      ...found,
    });
  }

  async #check(signal: AbortSignal): Promise<Pick<ProbeFindings, 'status' | 'message' | 'remedy' | 'errorKind'>> {
    const { check } = this.#options;
    const model = this.model;
    if (check === undefined)
      return { status: 'unknown', message: say('probe-blind', { model }), errorKind: 'unsupported' };
    try {
      const { status } = await check(signal);
      if (status < 300) return { status: 'ready', message: say('probe-ready', { model }) };
      const isRefused = status === 401 || status === 403;
      return {
        status: isRefused ? 'down' : 'unknown',
        message: say(isRefused ? 'probe-refused' : 'probe-odd', { model, status }),
        remedy: say('probe-check-key'),
        errorKind: isRefused ? 'auth' : 'bad-response',
      };
    } catch {
      return {
        status: 'down',
        message: say('probe-down', { model }),
        remedy: say('probe-check-network'),
        errorKind: 'unavailable',
      };
    }
  }

  async submit(request: ImageRequest, context: JobContext): Promise<JobHandle> {
    const { signal, key, spoolDirectory } = context;
    const problems = this.capabilities.validate?.(request) ?? [];
    if (problems.length > 0) throw this.#error('invalid-request', 'not-submitted', joinSentences(...problems));
    const call = await this.#call(request, signal);
    const file = this.#openFile(spoolDirectory, key);
    let answer: KeptAnswer;
    try {
      if (signal.aborted) throw this.#stoppedBefore(signal);
      await context.beforeSend?.();
      context.onProgress?.({ type: 'running' });
      answer = await this.#generate(call, signal);
    } catch (error) {
      file?.discard();
      throw error;
    }
    try {
      if (file === undefined) this.#memory.set(key, answer);
      else await file.keep(answer);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      throw this.#error('storage', 'lost', say('answer-not-kept', { code }));
    }
    context.onEnded?.();
    return this.#handle(key, answer.header.requestId);
  }

  async collect(handle: JobHandle, context: JobContext): Promise<BackendResult> {
    if (
      handle.backend !== this.name ||
      handle.version !== 1 ||
      handle.lane !== this.lanes[0].id ||
      handle.credential !== this.#credential
    ) {
      throw this.#error('auth', 'accepted', say('other-model', { job: handle.jobId, model: this.model }));
    }
    context.onEnded?.();
    const { signal } = context;
    if (signal.aborted) throw this.#error('aborted', 'accepted', say('aborted-before'));
    const { header, images: delivered } = await this.#answer(handle, context);
    const images = takeImages(delivered, context);
    for (const [index, bytes] of images.entries()) {
      const watch = new ImageWatch();
      watch.write(bytes);
      if (watch.info?.complete !== true) {
        throw this.#error('bad-response', 'lost', say('not-an-image', { number: index + 1, model: this.model }));
      }
      const sink = await context.openImage(index);
      await sink.write(bytes);
      await sink.close();
    }
    this.#forgetCollected(handle.key);
    const { usage, requestId, warnings, details = [] } = header;
    return {
      images: images.map((_, index) => ({ index, ...details[index] })),
      ...(warnings.length === 0
        ? {}
        : {
            warnings: warnings.map((warning): ImageWarning => ({
              code: 'other',
              ...say('model-warning', { model: this.model, warning }),
            })),
          }),
      ...(usage === undefined ? {} : { usage }),
      ...(requestId === undefined ? {} : { requestId }),
    };
  }

  /** Only an answer that was kept can be found. @throws {ImageError} outcome `unknown` when there is none: it cannot be told. */
  async locate(key: string, { spoolDirectory }: JobContext): Promise<'found' | 'absent'> {
    if (this.#memory.has(key) || (await hasAnswer(spoolDirectory, key))) return 'found';
    throw this.#error('unavailable', 'unknown', say('not-locatable', { model: this.model }));
  }

  handleFor(key: string): JobHandle {
    return this.#handle(key, undefined);
  }

  async close(): Promise<void> {
    this.#memory.clear();
    await this.#options.close?.();
  }

  async #call(request: ImageRequest, signal: AbortSignal): Promise<ImageModelV4CallOptions> {
    const { prompt, count, size, seed, references, providerOptions } = request;
    const files = await Promise.all(
      references.map(async (reference): Promise<ImageModelV4File> => ({
        type: 'file',
        mediaType: reference.mediaType,
        data: await reference.read(),
      })),
    );
    const isRatio = this.#options.sizeAs === 'aspect-ratio';
    const divisor = greatestDivisor(size.width, size.height);
    return {
      prompt,
      n: count,
      size: isRatio ? undefined : `${size.width}x${size.height}`,
      aspectRatio: isRatio ? `${size.width / divisor}:${size.height / divisor}` : undefined,
      seed,
      files: files.length === 0 ? undefined : files,
      mask: undefined,
      // The SDK files options under the provider's own name, which is the part before the first dot.
      providerOptions: { [this.#model.provider.split('.')[0] ?? '']: providerOptions as never },
      abortSignal: signal,
    };
  }

  async #generate(call: ImageModelV4CallOptions, signal: AbortSignal): Promise<KeptAnswer> {
    let result: Awaited<ReturnType<ImageModelV4['doGenerate']>>;
    try {
      // Options, images and warnings of v3 are those of v4.
      result = (await this.#model.doGenerate(call as never)) as typeof result;
    } catch (error) {
      throw errorOfModel(error, this, signal);
    }
    const images = result.images.map((image) => (typeof image === 'string' ? Buffer.from(image, 'base64') : image));
    const total = images.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (images.length === 0 || total > this.#maxBytes) {
      throw this.#error('bad-response', 'lost', say('no-image', { model: this.model }));
    }
    const { usage, response, warnings, providerMetadata } = result;
    const requestId = Object.entries(response.headers ?? {}).find(([name]) => /^x-request-id$/i.test(name))?.[1];
    const header: AnswerHeader = {
      lengths: images.map(({ byteLength }) => byteLength),
      warnings: warnings.map(warningText),
      details: detailsOf(providerMetadata, images.length),
      ...(requestId === undefined ? {} : { requestId }),
      ...(usage === undefined
        ? {}
        : { usage: JSON.parse(JSON.stringify(usage)) as NonNullable<AnswerHeader['usage']> }),
    };
    return { header, images };
  }

  #openFile(folder: string | undefined, key: string): AnswerFile | undefined {
    if (folder === undefined) return undefined;
    try {
      return new AnswerFile(folder, key);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      throw this.#error('storage', 'not-submitted', say('no-disk', { folder, code }));
    }
  }

  async #answer({ key }: JobHandle, { spoolDirectory }: JobContext): Promise<KeptAnswer> {
    const held = this.#memory.get(key);
    if (held !== undefined) return held;
    if (spoolDirectory === undefined) throw this.#error('storage', 'lost', say('answer-gone'));
    try {
      return await readAnswer(spoolDirectory, key, this.#maxBytes);
    } catch (error) {
      const reason = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
      throw this.#error(
        'storage',
        'lost',
        reason === 'ENOENT' ? say('answer-gone') : say('answer-damaged', { reason }),
      );
    }
  }

  /** A few answers stay, so that collecting again works without holding every picture ever made. */
  #forgetCollected(key: string): void {
    if (!this.#memory.has(key) || this.#collected.includes(key)) return;
    this.#collected.push(key);
    const oldest = this.#collected.length > collectedInMemory ? this.#collected.shift() : undefined;
    if (oldest !== undefined) this.#memory.delete(oldest);
  }

  #handle(key: string, requestId: string | undefined): JobHandle {
    return {
      version: 1,
      backend: this.name,
      lane: this.lanes[0].id,
      credential: this.#credential,
      jobId: requestId ?? key,
      key,
      acceptedAtMs: Date.now(),
      data: { answer: answerFileName(key), model: this.model },
    };
  }

  #stoppedBefore(signal: AbortSignal): ImageError {
    const isLate = ImageError.isInstance(signal.reason) && signal.reason.kind === 'timeout';
    return this.#error(isLate ? 'timeout' : 'aborted', 'not-submitted', say('aborted-before'));
  }

  #error(kind: ImageError['kind'], outcome: ImageError['outcome'], said: ReturnType<typeof say>): ImageError {
    return new ImageError({ kind, outcome, backend: this.name, ...said });
  }

  get #maxBytes(): number {
    return this.#options.maxAnswerBytes ?? defaultMaxAnswerBytes;
  }
}

/**
 * A backend over an image model of the AI SDK.
 * @throws {ImageError} kind `invalid-request`, outcome `not-submitted`, when the model is of another specification.
 */
export function createAiSdkBackend(options: AiSdkBackendOptions): AiSdkBackend {
  return new AiSdkBackend(options);
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}
