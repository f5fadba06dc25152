import { ImageError } from '@holodeck/core';
import { invalidRequest } from '@holodeck/core/backend';
import { joinSentences } from '@holodeck/core/messages';
import type { ImageBackend, ProbeReport } from '@holodeck/core';
import type {
  BackendCapabilities,
  BackendResult,
  ImageRequest,
  JobContext,
  JobHandle,
  Lane,
  ProbeContext,
} from '@holodeck/core/backend';
import { AnswerReserves } from './answer/answer-reserve.ts';
import { answerFileName } from './answer/answer-spool.ts';
import { MemoryAnswers } from './answer/memory-answers.ts';
import { say } from './openai-messages.ts';
import { openaiCapabilities } from './openai-capabilities.ts';
import { OpenAICollection } from './openai-collection.ts';
import { BatchDelivery } from './batch/batch-delivery.ts';
import { say as sayOfBatch } from './batch/batch-messages.ts';
import { checkHandle, openaiBatchLane, openaiCredential, openaiLane } from './openai-handle.ts';
import type { OpenAIHandleData } from './openai-handle.ts';
import { resolveOpenAIOptions } from './openai-options.ts';
import type { OpenAIBackendOptions, ResolvedOpenAIOptions } from './openai-options.ts';
import { probeOpenAI } from './openai-probe.ts';
import { findSpooledAnswer, readSpooledAnswer } from './answer/openai-spool.ts';
import { OpenAISubmission, secretsOf } from './openai-submission.ts';
import { OpenAITransport } from './wire/openai-transport.ts';

/**
 * OpenAI Images and compatible servers. Directly, one long request brings the whole answer: `submit` keeps it on disk and `collect`
 * decodes it from there, so a crash in between costs nothing. In batches, `submit` joins one, and `collect` reads its line.
 */
export class OpenAIBackend implements ImageBackend {
  readonly name = 'openai';
  readonly model: string;
  readonly fingerprint: string;
  readonly capabilities: BackendCapabilities;
  readonly lanes: readonly Lane[];
  readonly #options: ResolvedOpenAIOptions;
  readonly #lane: Lane;
  readonly #batches: BatchDelivery | undefined;
  readonly #credential: string;
  readonly #transport: OpenAITransport;
  readonly #memory = new MemoryAnswers();
  readonly #reserves = new AnswerReserves();

  /** @throws {ImageError} kind `invalid-request` or `auth`, outcome `not-submitted`, when an option is missing or wrong. */
  constructor(options: OpenAIBackendOptions) {
    this.#options = resolveOpenAIOptions(options);
    const { profile, model, baseURL, delivery } = this.#options;
    this.model = model;
    // A gateway to OpenAI draws as OpenAI does; any other server has its own style.
    const server = profile.name === 'openai' ? '' : `${baseURL.origin}${baseURL.pathname}:`;
    this.fingerprint = `${profile.name}:${server}${model}`;
    this.capabilities = openaiCapabilities(profile, model, delivery);
    this.#lane = openaiLane(this.#options);
    this.#credential = openaiCredential(this.#options);
    this.lanes = [this.#lane];
    if (profile.batches === true) {
      const batchLane = openaiBatchLane(this.#options);
      this.#batches = new BatchDelivery(this.#options, batchLane, this.#credential);
      // What either delivery has sent can be fetched, whichever is chosen now.
      this.lanes =
        delivery === 'batch'
          ? [batchLane, { ...this.#lane, collectOnly: true }]
          : [this.#lane, { ...batchLane, collectOnly: true }];
    }
    this.#transport = new OpenAITransport(this.#options);
  }

  async probe(context: ProbeContext): Promise<ProbeReport> {
    context.signal.throwIfAborted();
    return await probeOpenAI(this.#options, this.#transport, context);
  }

  makeReady(): Promise<void> {
    return this.#transport.prepare();
  }

  async submit(request: ImageRequest, context: JobContext): Promise<JobHandle> {
    const problems = this.capabilities.validate?.(request) ?? [];
    if (problems.length > 0) {
      throw invalidRequest(joinSentences(...problems), { backend: this.name });
    }
    if (this.#options.delivery === 'batch' && this.#batches !== undefined) {
      return this.#batches.submit(request, context);
    }
    const reserve = this.#reserves.for(context.spoolDirectory);
    const submission = new OpenAISubmission(this.#options, this.#transport, context, reserve);
    const { stored, requestId } = await submission.run(request);
    const handle = this.#handle(context, {
      ...(stored.kind === 'file' ? { answer: stored.name } : {}),
      ...(requestId === undefined ? {} : { requestId }),
    });
    if (stored.kind === 'text') return { ...handle, answer: stored.text };
    if (stored.kind === 'memory') this.#memory.add(handle, stored.chunks);
    return handle;
  }

  async collect(handle: JobHandle, context: JobContext): Promise<BackendResult> {
    const data = checkHandle(handle, this.lanes, this.#credential);
    const { answer, requestId } = data;
    if (data.group !== undefined && this.#batches !== undefined) {
      return this.#batches.collect(handle, data, context);
    }
    context.onEnded?.();
    const collection = new OpenAICollection(
      this.#options,
      context,
      {
        host: this.#lane.label,
        secrets: secretsOf(this.#options),
        at: 'collect',
        ...(requestId === undefined ? {} : { requestId }),
      },
      () => this.#transport.sharedFetch(),
    );
    if (handle.answer !== undefined) return await collection.run([Buffer.from(handle.answer)]);
    if (answer !== undefined) return await collection.run(readSpooledAnswer(context.spoolDirectory, answer));
    const result = await collection.run(this.#fromMemory(handle));
    this.#memory.release(handle);
    return result;
  }

  /** A batch, or a direct answer that was kept. @throws {ImageError} outcome `unknown` when there is none. */
  async locate(key: string, context: JobContext): Promise<'found' | 'absent'> {
    const draft = batchDraft(context);
    if (draft !== undefined && this.#batches !== undefined) return await this.#batches.locate(draft, context);
    if (this.#memory.has(key) || (await findSpooledAnswer(context.spoolDirectory, key))) return 'found';
    throw new ImageError({
      kind: 'unavailable',
      outcome: 'unknown',
      backend: this.name,
      ...say('not-kept', { host: this.#lane.label }),
    });
  }

  handleFor(key: string, context: JobContext): JobHandle {
    const draft = batchDraft(context);
    if (draft !== undefined && this.#batches !== undefined) return this.#batches.handleFor(draft);
    const inMemory = this.#memory.has(key);
    return this.#handle({ ...context, key }, inMemory ? {} : { answer: answerFileName(key) });
  }

  async cancelBatch(batchId: string, signal: AbortSignal): Promise<void> {
    if (this.#batches === undefined) {
      throw invalidRequest(sayOfBatch('batch-profile', { profile: this.#options.profile.name }), {
        backend: this.name,
      });
    }
    await this.#batches.cancel(batchId, signal);
  }

  async close(): Promise<void> {
    await this.#batches?.close();
    this.#memory.clear();
    await this.#reserves.close();
    await this.#transport.close();
  }

  #handle(context: JobContext, data: OpenAIHandleData): JobHandle {
    return {
      version: 1,
      backend: this.name,
      lane: this.#lane.id,
      credential: this.#credential,
      jobId: data.requestId ?? context.key,
      key: context.key,
      acceptedAtMs: Date.now(),
      data: { ...data, model: this.model },
    };
  }

  async *#fromMemory(handle: JobHandle): AsyncGenerator<Uint8Array> {
    const chunks = this.#memory.find(handle);
    if (chunks === undefined) {
      throw new ImageError({
        kind: 'storage',
        outcome: 'lost',
        backend: this.name,
        ...say('memory-gone'),
      });
    }
    yield* chunks;
  }
}

/** What a submission in a batch is found by; undefined for a direct one. */
function batchDraft({ draft }: JobContext): JobHandle | undefined {
  const data: OpenAIHandleData | undefined = draft?.data;
  return data?.group === undefined ? undefined : draft;
}

/**
 * A backend for OpenAI or a compatible server. Nothing is read from the environment; see `openaiOptionsFromEnvironment`.
 * @throws {ImageError} kind `invalid-request` or `auth`, outcome `not-submitted`, when an option is missing or wrong.
 */
export function createOpenAIBackend(options: OpenAIBackendOptions): OpenAIBackend {
  return new OpenAIBackend(options);
}
