import { ImageError } from '@holodeck/core';
import type { ImageBackend, ProbeReport } from '@holodeck/core';
import { joinSentences } from '@holodeck/core/messages';
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
 * OpenAI Images and compatible servers. One long request brings the whole answer; it is kept on disk first (`submit`) and
 * decoded from there (`collect`), so that a crash in between costs nothing.
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
    // Gateways to OpenAI draw as OpenAI does; any other server is a look of its own.
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
      throw new ImageError({
        kind: 'invalid-request',
        outcome: 'not-submitted',
        backend: this.name,
        ...joinSentences(...problems),
      });
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

  /** Only an answer that was kept can be found. @throws {ImageError} outcome `unknown` when there is none: it cannot be told. */
  async locate(key: string, context: JobContext): Promise<'found' | 'absent'> {
    if (this.#memory.has(key) || (await findSpooledAnswer(context.spoolDirectory, key))) return 'found';
    throw new ImageError({
      kind: 'unavailable',
      outcome: 'unknown',
      backend: this.name,
      message: `No answer to this submission was kept, and ${this.#lane.label} cannot be asked whether it arrived. Look at the usage page of the account; send it again only if paying twice is acceptable.`,
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
        message:
          'The answer was kept in memory only, and that process has ended or has handed it over already. It counts as paid. Give an output folder to keep answers on disk.',
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
