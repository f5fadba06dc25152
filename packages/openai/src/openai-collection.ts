import { ImageError } from '@holodeck/core';
import { createLookup, downloadImage, isPrivateHost, takeImages } from '@holodeck/core/backend';
import { joinSentences } from '@holodeck/core/messages';
import type { ImageUsage, ImageWarning } from '@holodeck/core';
import type { Message } from '@holodeck/core/messages';
import { say } from './openai-messages.ts';
import type { BackendResult, CollectedImage, FetchLike, JobContext } from '@holodeck/core/backend';
import { AnswerDecoder } from './answer/answer-decoder.ts';
import type { Answer, AnswerItem } from './answer/answer-decoder.ts';
import { ImageWriter, sinkError } from './answer/image-writer.ts';
import { answerError } from './answer/answer-errors.ts';
import type { AnswerContext } from './answer/answer-errors.ts';
import type { ResolvedOpenAIOptions } from './openai-options.ts';
import type { WireUsage } from './wire/openai-wire.ts';

/** Takes the images out of a kept answer. Free, and repeatable. */
export class OpenAICollection {
  readonly #options: ResolvedOpenAIOptions;
  readonly #job: JobContext;
  readonly #context: AnswerContext;
  readonly #fetch: () => Promise<FetchLike>;

  /** @param fetch The connections for addresses that the answer may name instead of images. */
  constructor(
    options: ResolvedOpenAIOptions,
    job: JobContext,
    context: AnswerContext,
    fetch: () => Promise<FetchLike>,
  ) {
    this.#options = options;
    this.#job = job;
    this.#context = context;
    this.#fetch = fetch;
  }

  async run(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<BackendResult> {
    const writer = new ImageWriter(
      (index) => this.#job.openImage(index),
      this.#job.imageCount ?? Number.POSITIVE_INFINITY,
    );
    try {
      return await this.#collect(chunks, writer);
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }

  async #collect(
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    writer: ImageWriter,
  ): Promise<BackendResult> {
    const decoder = new AnswerDecoder(writer);
    for await (const chunk of chunks) {
      this.#throwIfAborted();
      decoder.write(chunk);
      await writer.drain();
      if (decoder.done) break;
    }
    return await this.finish(decoder.end(), writer);
  }

  /** The result of an answer whose pictures went to the writer. @throws {ImageError} */
  async finish(answer: Answer, writer: ImageWriter): Promise<BackendResult> {
    await writer.drain();
    const error = answerError(answer, this.#context);
    if (error !== undefined) throw error;
    return await this.#result(answer, writer);
  }

  async #result(answer: Answer, writer: ImageWriter): Promise<BackendResult> {
    const images: CollectedImage[] = [];
    const warnings: ImageWarning[] = answer.complete
      ? []
      : [{ code: 'other', ...say('answer-partial', { host: this.#context.host }) }];
    const kept = new Set<number>();
    let lastError: ImageError | undefined;
    for (const item of takeImages(answer.items, this.#job)) {
      const words = item.revisedPrompt === undefined ? {} : { revisedPrompt: item.revisedPrompt };
      try {
        const index = await this.#fetchItem(item, writer, kept);
        images.push({ index, ...words });
      } catch (error) {
        if (!ImageError.isInstance(error) || error.outcome === 'accepted') throw error;
        lastError = error;
        warnings.push({ code: 'other', ...say('answer-image', { number: item.index + 1, reason: error }) });
      }
    }
    await writer.discard(kept);
    if (images.length === 0) throw lastError ?? this.#noImage(say('answer-has-none'));
    const usage = readUsage(answer.usage);
    const { requestId } = this.#context;
    return {
      images,
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(usage === undefined ? {} : { usage }),
      ...(requestId === undefined ? {} : { requestId }),
    };
  }

  /** The index of the sink that now holds the item's image. */
  async #fetchItem(item: AnswerItem, writer: ImageWriter, kept: Set<number>): Promise<number> {
    const { content } = item;
    if (content.kind === 'inline') {
      const index = writer.whole(content.slot);
      if (index === undefined) throw this.#noImage(say('item-damaged'));
      kept.add(content.slot);
      return index;
    }
    if (content.kind === 'none') throw this.#noImage(say('item-none'));
    await this.#download(content.url, item.index);
    return item.index;
  }

  async #download(address: string, index: number): Promise<void> {
    const url = this.#imageUrl(address);
    this.#throwIfAborted();
    const sink = await this.#job.openImage(index).catch((error: unknown) => {
      throw sinkError(error);
    });
    const fetch = withKeyWhereAsked(await this.#fetch(), url, this.#options);
    const { onProgress, signal } = this.#job;
    await downloadImage({
      url: url.href,
      sink,
      fetch,
      signal,
      maxBytes: this.#options.maxAnswerBytes,
      allowedHosts: [this.#options.baseURL.hostname],
      // Stores of images refuse in XML, JSON or text, and a paid image must not be lost to a page of a proxy.
      isPage404Foreign: true,
      lookup: createLookup(this.#options.network),
      ...(onProgress === undefined ? {} : { onProgress }),
    }).catch((error: unknown) => {
      throw ImageError.isInstance(error) ? ImageError.with(error, { backend: 'openai' }) : error;
    });
  }

  /** An address may be relative to the server. Only a server inside this network may name an address inside it. */
  #imageUrl(address: string): URL {
    const { baseURL } = this.#options;
    const url = URL.canParse(address, `${baseURL.href}/`) ? new URL(address, `${baseURL.href}/`) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      throw this.#noImage(say('item-address'));
    }
    if (url.hostname !== baseURL.hostname && isPrivateHost(url.hostname) && !isPrivateHost(baseURL.hostname)) {
      throw this.#noImage(say('item-private', { host: url.hostname }));
    }
    return url;
  }

  #noImage(what: Message): ImageError {
    const { requestId } = this.#context;
    return new ImageError({
      kind: 'bad-response',
      outcome: 'lost',
      backend: 'openai',
      ...joinSentences(what, say('counts-as-paid')),
      ...(requestId === undefined ? {} : { requestId }),
    });
  }

  #throwIfAborted(): void {
    const { signal } = this.#job;
    if (!signal.aborted) return;
    throw new ImageError({
      kind: 'aborted',
      outcome: 'accepted',
      backend: 'openai',
      ...say('collect-aborted'),
      cause: signal.reason,
    });
  }
}

/**
 * Sends the key only to the server that it belongs to, and only where the picture is refused without it: addresses are usually
 * signed.
 */
function withKeyWhereAsked(fetch: FetchLike, url: URL, { apiKey, baseURL, headers }: ResolvedOpenAIOptions): FetchLike {
  if (url.origin !== baseURL.origin) return fetch;
  return async (input, init) => {
    const response = await fetch(input, init);
    const target = new URL(input, url);
    if ((response.status !== 401 && response.status !== 403) || target.origin !== baseURL.origin) return response;
    await response.body?.cancel();
    const own = { ...headers, ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) };
    return await fetch(input, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), ...own } });
  };
}

/** Absent is not the same as 0. */
function readUsage(usage: WireUsage | undefined): ImageUsage | undefined {
  if (usage === undefined) return undefined;
  const tokens = {
    inputTokens: count(usage.input_tokens),
    outputTokens: count(usage.output_tokens),
    totalTokens: count(usage.total_tokens),
  };
  const known = Object.entries(tokens).filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
