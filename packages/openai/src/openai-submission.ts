import type { Readable } from 'node:stream';
import { ImageError } from '@holodeck/core';
import { joinSentences } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { isNoSpaceError } from '@holodeck/core/stores';
import { say } from './openai-messages.ts';
import type { ImageRequest, JobContext } from '@holodeck/core/backend';
import { AnswerDecoder } from './answer/answer-decoder.ts';
import type { Answer } from './answer/answer-decoder.ts';
import type { AnswerReserve } from './answer/answer-reserve.ts';
import { AnswerSpool } from './answer/answer-spool.ts';
import type { StoredAnswer } from './answer/answer-spool.ts';
import { PreviewCollector } from './answer/preview-collector.ts';
import { answerError, brokenAnswerError } from './answer/answer-errors.ts';
import type { AnswerContext } from './answer/answer-errors.ts';
import { connectionError } from './wire/connection-errors.ts';
import { refusalError, requestIdOf } from './openai-errors.ts';
import { modelTraits } from './openai-models.ts';
import type { ResolvedOpenAIOptions } from './openai-options.ts';
import { readEditFiles } from './wire/openai-pictures.ts';
import type { EditFiles } from './wire/openai-pictures.ts';
import type { OpenAITransport, PaidRequest, Reply, SdkCall } from './wire/openai-transport.ts';
import { imagesParameters } from './wire/openai-wire.ts';
import type { ImagesParameters } from './wire/openai-wire.ts';
import { profileCall } from './wire/profile-request.ts';
import { rateReports } from './wire/rate-reports.ts';

// As users report; see https://platform.openai.com/docs/guides/image-generation for what is promised.
const minPixels = 655_360;
const maxPixels = 8_294_400;

/** A submission that brought an answer with at least one image. */
export interface Submitted {
  readonly stored: StoredAnswer;
  readonly requestId?: string;
}

/** One paid request, from its pictures to its answer on disk. Never sent twice. */
export class OpenAISubmission {
  readonly #options: ResolvedOpenAIOptions;
  readonly #transport: OpenAITransport;
  readonly #context: JobContext;
  readonly #reserve: AnswerReserve | undefined;

  constructor(
    options: ResolvedOpenAIOptions,
    transport: OpenAITransport,
    context: JobContext,
    reserve: AnswerReserve | undefined,
  ) {
    this.#options = options;
    this.#transport = transport;
    this.#context = context;
    this.#reserve = reserve;
  }

  async run(request: ImageRequest): Promise<Submitted> {
    const { signal } = this.#context;
    await this.#transport.prepare();
    const files = await readEditFiles(request);
    const parameters = imagesParameters(request, this.#options);
    this.#warnOfSize(parameters);
    const spool = this.#openSpool();
    let leaveReserve: (() => void) | undefined;
    let paid: PaidRequest | undefined;
    try {
      leaveReserve = await this.#enterReserve(request, parameters);
      const call = await this.#call(parameters, files);
      if (signal.aborted) throw this.#noAnswer(signal.reason, false);
      paid = await this.#transport.post(call, this.#context.beforeSend);
      return await this.#exchange(paid, spool);
    } catch (error) {
      await spool.discard();
      throw error;
    } finally {
      leaveReserve?.();
      await paid?.close();
    }
  }

  async #call(parameters: ImagesParameters, files: EditFiles | undefined): Promise<SdkCall> {
    const { signal } = this.#context;
    const { wire } = this.#options.profile;
    return wire === undefined ? sdkCall(parameters, files, signal) : await profileCall(wire, parameters, files, signal);
  }

  /** The service does not publish these limits, so this only warns. */
  #warnOfSize({ model, size = '' }: ImagesParameters): void {
    const { generation = 0 } = modelTraits(model);
    const match = /^(\d+)x(\d+)$/.exec(size);
    if (generation < 2 || match === null || this.#options.profile.sizes !== 'by-model') return;
    const pixels = Number(match[1]) * Number(match[2]);
    if (pixels >= minPixels && pixels <= maxPixels) return;
    this.#context.onWarning?.({
      code: 'other',
      feature: 'size',
      ...say('size-pixels', { size, pixels, model, min: minPixels, max: maxPixels }),
    });
  }

  async #exchange(paid: PaidRequest, spool: AnswerSpool): Promise<Submitted> {
    this.#context.onProgress?.({ type: 'running' });
    const reply = await this.#reply(paid);
    for (const report of rateReports(reply.ok ? reply.headers : reply.refusal.headers)) this.#context.onRate?.(report);
    if (!reply.ok) {
      const { profile, model } = this.#options;
      throw refusalError(reply.refusal, { profile, model, host: this.#host, secrets: this.#secrets });
    }
    const requestId = requestIdOf(reply.headers, this.#secrets);
    const context: AnswerContext = {
      host: this.#host,
      secrets: this.#secrets,
      at: 'submit',
      ...(requestId === undefined ? {} : { requestId }),
    };
    const answer = await this.#receive(reply.body, spool, context);
    const error = answerError(answer, context);
    if (error !== undefined) throw error;
    const stored = await this.#commit(spool, context, this.#textBytes(answer));
    this.#context.onEnded?.();
    return { stored, ...(requestId === undefined ? {} : { requestId }) };
  }

  async #reply(paid: PaidRequest): Promise<Reply> {
    try {
      return await paid.reply();
    } catch (error) {
      throw this.#noAnswer(error, paid.connectionMade());
    }
  }

  /** Streams the body to the spool and decodes it on the way. */
  async #receive(body: Readable, spool: AnswerSpool, context: AnswerContext): Promise<Answer> {
    const { signal, onProgress } = this.#context;
    const decoder = new AnswerDecoder(new PreviewCollector(onProgress));
    const stop = (): void => void body.destroy(new Error('aborted'));
    signal.addEventListener('abort', stop, { once: true });
    let received = 0;
    try {
      if (signal.aborted) stop();
      for await (const chunk of this.#chunks(body, decoder, context)) {
        if (received === 0) onProgress?.({ type: 'downloading' });
        received += chunk.length;
        if (received > this.#options.maxAnswerBytes) throw this.#tooLong(context);
        decoder.write(chunk);
        // What an injected `fetch` brings may not be ours alone.
        await this.#spool(spool, this.#options.network.fetch === undefined ? chunk : Buffer.from(chunk));
        // What follows a whole image is not needed, and may never end.
        if (decoder.done) break;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      body.destroy();
    }
    return decoder.end();
  }

  async *#chunks(body: Readable, decoder: AnswerDecoder, context: AnswerContext): AsyncGenerator<Uint8Array> {
    try {
      yield* body as AsyncIterable<Uint8Array>;
    } catch (error) {
      // The picture is here; the rest of the answer is not needed.
      if (decoder.hasPicture) return;
      if (this.#context.signal.aborted) throw this.#noAnswer(error, true);
      throw brokenAnswerError(error, context);
    }
  }

  #openSpool(): AnswerSpool {
    try {
      const makeRoom = async (): Promise<void> => this.#reserve?.giveUp();
      return AnswerSpool.open(this.#context.spoolDirectory, this.#context.key, makeRoom);
    } catch (error) {
      throw storageError(error, 'not-submitted', say('spool-closed'));
    }
  }

  async #enterReserve(
    request: ImageRequest,
    { partial_images = 0 }: ImagesParameters,
  ): Promise<(() => void) | undefined> {
    try {
      return await this.#reserve?.enter(request.size, request.count + partial_images);
    } catch (error) {
      const folder = this.#context.spoolDirectory ?? '';
      throw storageError(error, 'not-submitted', say('spool-no-room', { folder }));
    }
  }

  async #spool(spool: AnswerSpool, chunk: Uint8Array): Promise<void> {
    try {
      await spool.write(chunk);
    } catch (error) {
      throw storageError(error, 'lost', say('spool-lost'));
    }
  }

  async #commit(spool: AnswerSpool, context: AnswerContext, textBytes: number): Promise<StoredAnswer> {
    let stored: StoredAnswer;
    try {
      stored = await spool.commit(textBytes);
    } catch (error) {
      throw storageError(error, 'lost', say('spool-lost'));
    }
    if (spool.failure !== undefined) {
      const code = (spool.failure as NodeJS.ErrnoException).code ?? 'unknown error';
      this.#context.onWarning?.({
        code: 'storage',
        ...say('spool-volatile', { host: context.host, code }),
      });
    }
    return stored;
  }

  /** Only pictures go into a row: an address may hold a signature, and its image still has to be fetched. */
  #textBytes({ form, complete, items }: Answer): number {
    const hasPictures = form === 'json' && complete && items.every(({ content }) => content.kind === 'inline');
    return hasPictures ? (this.#context.maxHandleAnswerBytes ?? 0) : 0;
  }

  #noAnswer(cause: unknown, connectionMade: boolean): ImageError {
    const { signal } = this.#context;
    return connectionError(cause, {
      connectionMade,
      aborted: signal.aborted,
      reason: signal.reason,
      host: this.#host,
      secrets: this.#secrets,
    });
  }

  #tooLong(context: AnswerContext): ImageError {
    return new ImageError({
      kind: 'bad-response',
      outcome: 'lost',
      backend: 'openai',
      ...say('answer-large', { host: context.host, max: this.#options.maxAnswerBytes }),
      ...(context.requestId === undefined ? {} : { requestId: context.requestId }),
    });
  }

  get #host(): string {
    return this.#options.baseURL.host;
  }

  get #secrets(): readonly string[] {
    return secretsOf(this.#options);
  }
}

/** Texts that must never stand in a message. */
export function secretsOf({ apiKey, headers }: ResolvedOpenAIOptions): readonly string[] {
  // Short header values are words, not secrets.
  return [...(apiKey === undefined ? [] : [apiKey]), ...Object.values(headers).filter((value) => value.length >= 12)];
}

function sdkCall(parameters: ImagesParameters, files: EditFiles | undefined, signal: AbortSignal): SdkCall {
  // A server may decide by this header whether it streams; the SDK would always ask for JSON.
  const options = {
    signal,
    ...(parameters.stream === true ? { headers: { accept: 'text/event-stream' } } : {}),
  };
  if (files === undefined) {
    return (client, fetchOptions) =>
      client.images.generate(parameters as GenerateParameters, { ...options, fetchOptions });
  }
  const { images, mask, markup } = files;
  const [single] = images;
  const body = {
    ...parameters,
    ...(mask === undefined ? {} : { mask }),
    ...(markup === undefined ? {} : { markup }),
    // One picture is the part `image`, several are parts `image[]` in their order.
    image: images.length === 1 && single !== undefined ? single : [...images],
  };
  return (client, fetchOptions) => client.images.edit(body as unknown as EditParameters, { ...options, fetchOptions });
}

type SdkImages = Parameters<SdkCall>[0]['images'];
type GenerateParameters = Parameters<SdkImages['generate']>[0];
type EditParameters = Parameters<SdkImages['edit']>[0];

function storageError(cause: unknown, outcome: 'not-submitted' | 'lost', what: Message): ImageError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  const said = joinSentences(what, say(isNoSpaceError(cause) ? 'disk-full' : 'disk-check', { code }));
  return new ImageError({ kind: 'storage', outcome, backend: 'openai', code, ...said, cause });
}
