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
import { FreshAnswers } from './answer/fresh-answers.ts';
import { MemoryAnswers } from './answer/memory-answers.ts';
import { say } from './openai-messages.ts';
import { openaiCapabilities } from './openai-capabilities.ts';
import { OpenAICollection } from './openai-collection.ts';
import { checkHandle, openaiCredential, openaiLane } from './openai-handle.ts';
import type { OpenAIHandleData } from './openai-handle.ts';
import { resolveOpenAIOptions } from './openai-options.ts';
import type { OpenAIBackendOptions, ResolvedOpenAIOptions } from './openai-options.ts';
import { probeOpenAI } from './openai-probe.ts';
import { findSpooledAnswer, readSpooledAnswer } from './answer/openai-spool.ts';
import { OpenAISubmission, secretsOf } from './openai-submission.ts';
import { OpenAITransport } from './wire/openai-transport.ts';

/**
 * OpenAI Images and compatible servers. One long request brings the whole answer. `submit` keeps it on disk and `collect` decodes
 * it from there, so a crash in between costs nothing.
 */
export class OpenAIBackend implements ImageBackend {
  readonly name = 'openai';
  readonly model: string;
  readonly fingerprint: string;
  readonly capabilities: BackendCapabilities;
  readonly lanes: readonly Lane[];
  readonly #options: ResolvedOpenAIOptions;
  readonly #lane: Lane;
  readonly #credential: string;
  readonly #transport: OpenAITransport;
  readonly #memory = new MemoryAnswers();
  readonly #fresh = new FreshAnswers();
  readonly #reserves = new AnswerReserves();

  /** @throws {ImageError} kind `invalid-request` or `auth`, outcome `not-submitted`, when an option is missing or wrong. */
  constructor(options: OpenAIBackendOptions) {
    this.#options = resolveOpenAIOptions(options);
    const { profile, model, baseURL } = this.#options;
    this.model = model;
    // A gateway to OpenAI draws as OpenAI does; any other server has its own style.
    const server = profile.name === 'openai' ? '' : `${baseURL.origin}${baseURL.pathname}:`;
    this.fingerprint = `${profile.name}:${server}${model}`;
    this.capabilities = openaiCapabilities(profile, model);
    this.#lane = openaiLane(this.#options);
    this.lanes = [this.#lane];
    this.#credential = openaiCredential(this.#options);
    this.#transport = new OpenAITransport(this.#options);
  }

  async probe(context: ProbeContext): Promise<ProbeReport> {
    context.signal.throwIfAborted();
    return await probeOpenAI(this.#options, this.#transport, context);
  }

  async submit(request: ImageRequest, context: JobContext): Promise<JobHandle> {
    const problems = this.capabilities.validate?.(request) ?? [];
    if (problems.length > 0) {
      throw invalidRequest(joinSentences(...problems), { backend: this.name });
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
    else if (stored.chunks !== undefined) this.#fresh.add(handle.key, stored.chunks);
    return handle;
  }

  async collect(handle: JobHandle, context: JobContext): Promise<BackendResult> {
    const { answer, requestId } = checkHandle(handle, this.#lane, this.#credential);
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
    if (answer !== undefined) {
      const chunks = this.#fresh.take(handle.key);
      return await collection.run(chunks ?? readSpooledAnswer(context.spoolDirectory, answer));
    }
    const result = await collection.run(this.#fromMemory(handle));
    this.#memory.release(handle);
    return result;
  }

  /** Only an answer that was kept can be found. @throws {ImageError} outcome `unknown` when there is none. */
  async locate(key: string, context: JobContext): Promise<'found' | 'absent'> {
    if (this.#memory.has(key) || (await findSpooledAnswer(context.spoolDirectory, key))) return 'found';
    throw new ImageError({
      kind: 'unavailable',
      outcome: 'unknown',
      backend: this.name,
      ...say('not-kept', { host: this.#lane.label }),
    });
  }

  handleFor(key: string, context: JobContext): JobHandle {
    const inMemory = this.#memory.has(key);
    return this.#handle({ ...context, key }, inMemory ? {} : { answer: answerFileName(key) });
  }

  async close(): Promise<void> {
    this.#memory.clear();
    this.#fresh.clear();
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

/**
 * A backend for OpenAI or a compatible server. Nothing is read from the environment; see `openaiOptionsFromEnvironment`.
 * @throws {ImageError} kind `invalid-request` or `auth`, outcome `not-submitted`, when an option is missing or wrong.
 */
export function createOpenAIBackend(options: OpenAIBackendOptions): OpenAIBackend {
  return new OpenAIBackend(options);
}
