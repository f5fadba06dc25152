import { ImageError } from '@holodeck/core';
import { createFetch, createLookup, credentialHash, invalidRequest } from '@holodeck/core/backend';
import { joinSentences } from '@holodeck/core/messages';
import type { ImageBackend, ProbeReport } from '@holodeck/core';
import type {
  BackendCapabilities,
  BackendResult,
  FetchLike,
  ImageRequest,
  JobContext,
  JobHandle,
  Lane,
  NetworkFetch,
  ProbeContext,
} from '@holodeck/core/backend';
import type { ApiCall, HunyuanApi } from './api/hunyuan-api.ts';
import { JobCollector } from './hunyuan-collect.ts';
import type { KeptPictures } from './hunyuan-collect.ts';
import { KeptAnswers } from './kept-answers.ts';
import { abortError, clean, submissionError } from './hunyuan-errors.ts';
import type { ErrorContext } from './hunyuan-errors.ts';
import { readHandle } from './hunyuan-handle.ts';
import { say } from './hunyuan-messages.ts';
import type { HandleData } from './hunyuan-handle.ts';
import { backendName, resolveOptions } from './hunyuan-options.ts';
import type { HunyuanOptions, ResolvedOptions } from './hunyuan-options.ts';
import { probeHunyuan } from './hunyuan-probe.ts';
import { readRequestId } from './wire/hunyuan-wire.ts';
import type { WireAnswer } from './wire/hunyuan-wire.ts';
import { say as sayOfRequest } from './request-messages.ts';
import { encodeReferences } from './api/reference-padding.ts';
import { selectApi } from './api/select-api.ts';
import { KnownJobs } from './known-jobs.ts';
import { TransportError } from './wire/transport.ts';
import { parseAnswer } from './wire/wire-answer.ts';
import type { Transport } from './wire/transport.ts';

/** By default an account may run one job at once; more are sold as an add-on. */
const defaultMaxConcurrent = 1;

/**
 * Tencent Hunyuan as an `ImageBackend`. Nothing is loaded or sent before the first call.
 * @throws {ImageError} outcome `not-submitted`: kind `auth` for missing credentials, `invalid-request` for an option that
 * cannot be.
 */
export function createHunyuanBackend(options: HunyuanOptions): HunyuanBackend {
  return new HunyuanBackend(options);
}

/** One account in one region, on one of the vendor's APIs. */
export class HunyuanBackend implements ImageBackend {
  readonly name: string = backendName;
  readonly model: string;
  readonly fingerprint: string;
  readonly capabilities: BackendCapabilities;
  readonly lanes: readonly [Lane];
  /** Where answers are kept: whether there is one of this submission. */
  readonly locate?: NonNullable<ImageBackend['locate']>;
  readonly handleFor?: NonNullable<ImageBackend['handleFor']>;
  readonly #options: ResolvedOptions;
  readonly #api: HunyuanApi;
  readonly #credential: string;
  readonly #jobs = new KnownJobs();
  readonly #answers = new KeptAnswers();
  #transport: Transport | undefined;
  #downloads: Promise<NetworkFetch> | undefined;
  #closed = false;

  constructor(options: HunyuanOptions) {
    this.#options = resolveOptions(options);
    this.#api = selectApi(this.#options);
    const { model, fingerprint, capabilities, service, region, requestsPerSecond: rate } = this.#api;
    this.model = model;
    this.fingerprint = fingerprint;
    this.capabilities = capabilities;
    this.#credential = credentialHash(this.#api.account);
    if (this.#api.readPictures !== undefined) {
      this.locate = (key, context) => this.#locate(key, context);
      this.handleFor = (key) => this.#handle(key, key, { rewritePrompt: false });
    }
    this.lanes = [
      {
        id: `${service}/${region}/${this.#credential}`,
        label: `${service} ${region}`,
        defaultMaxConcurrent,
        ...(rate === undefined ? {} : { submissionsPerSecond: rate, queriesPerSecond: rate }),
      },
    ];
  }

  probe(context: ProbeContext): Promise<ProbeReport> {
    return probeHunyuan(this.#api, this.#open('not-submitted'), context);
  }

  async makeReady(): Promise<void> {
    await this.#open('not-submitted').load?.();
  }

  async submit(request: ImageRequest, context: JobContext): Promise<JobHandle> {
    const transport = this.#open('not-submitted');
    const { signal, key } = context;
    if (signal.aborted) throw abortError(signal, 'not-submitted');
    const call = await this.#prepare(request);
    if (this.#api.readPictures !== undefined) await this.#answers.prepare(context.spoolDirectory);
    if (signal.aborted) throw abortError(signal, 'not-submitted');
    const { deprecation } = this.#api;
    if (deprecation !== undefined) context.onWarning?.({ code: 'deprecated', ...deprecation });
    const errors = this.#errors(request, signal);
    const answer = await this.#exchange(transport, call, errors, context);
    if (this.#api.readPictures !== undefined) return await this.#keep(answer, request, context);
    const jobId = this.#api.readSubmit(answer);
    if (jobId === undefined) {
      const fault = { type: 'unreadable', reason: say('no-id') } as const;
      throw submissionError(new TransportError(fault, { requestId: readRequestId(answer) }), errors);
    }
    const data: HandleData = {
      ...(this.#jobs.isAnothers(jobId, key) ? { ofAnother: true } : {}),
      rewritePrompt: this.#api.rewrites(request),
      ...(request.seed === undefined ? {} : { seed: request.seed }),
    };
    return this.#handle(jobId, key, data);
  }

  /** An answer that brings the picture is on disk before anyone looks for it. */
  async #keep(answer: WireAnswer, request: ImageRequest, context: JobContext): Promise<JobHandle> {
    const { key, spoolDirectory, onWarning, onEnded } = context;
    const { host } = this.#api;
    const { images = [], requestId } = this.#api.readPictures?.(answer) ?? {};
    if (images.length === 0) {
      throw new ImageError({
        kind: 'bad-response',
        outcome: 'lost',
        backend: backendName,
        ...say('answer-bare', { host }),
        ...(requestId === undefined ? {} : { requestId }),
      });
    }
    // The history is only for another turn, and may repeat the references.
    const { assembled_history: _history, ...kept } = answer;
    const warning = await this.#answers.keep(
      spoolDirectory,
      key,
      JSON.stringify({ ...kept, seed: request.seed }),
      host,
    );
    if (warning !== undefined) onWarning?.(warning);
    onEnded?.();
    return this.#handle(this.#api.readSubmit(answer) ?? key, key, { rewritePrompt: false });
  }

  /** Whether the answer to a submission was kept. @throws {ImageError} outcome `unknown` when not: the service cannot be asked. */
  async #locate(key: string, { spoolDirectory }: JobContext): Promise<'found' | 'absent'> {
    if (await this.#answers.has(spoolDirectory, key)) return 'found';
    const said = say('cannot-ask', { host: this.#api.host });
    throw new ImageError({ kind: 'unavailable', outcome: 'unknown', backend: backendName, ...said });
  }

  #handle(jobId: string, key: string, data: HandleData): JobHandle {
    return {
      version: 1,
      backend: backendName,
      lane: this.lanes[0].id,
      credential: this.#credential,
      jobId,
      key,
      acceptedAtMs: (this.#options.clock ?? Date).now(),
      data: { ...data },
    };
  }

  async collect(handle: JobHandle, context: JobContext): Promise<BackendResult> {
    const data = readHandle(handle, { lane: this.lanes[0].id, credential: this.#credential });
    const transport = this.#open('accepted');
    if (context.signal.aborted) throw abortError(context.signal, 'accepted', handle);
    if (data.ofAnother === true) {
      context.onEnded?.();
      const said = say('id-twice', { host: this.#api.host, job: handle.jobId });
      throw new ImageError({ kind: 'bad-response', outcome: 'accepted', backend: backendName, handle, ...said });
    }
    const kept = await this.#readKept(handle, context);
    const collector = new JobCollector({
      api: this.#api,
      transport,
      handle,
      data: kept?.seed === undefined ? data : { ...data, seed: kept.seed },
      kept,
      context,
      fetch: () => this.#fetch(),
      maxDownloadBytes: this.#options.maxDownloadBytes,
      allowedHosts: this.#api.resultHosts,
      lookup: createLookup(this.#options.network),
      clock: this.#options.clock,
    });
    const result = await collector.run();
    this.#answers.release(handle);
    return result;
  }

  async #readKept(handle: JobHandle, { spoolDirectory }: JobContext): Promise<KeptPictures | undefined> {
    if (this.#api.readPictures === undefined) return undefined;
    const answer = parseAnswer(await this.#answers.read(spoolDirectory, handle), []) ?? {};
    const { seed } = answer;
    return { ...this.#api.readPictures(answer), ...(typeof seed === 'number' ? { seed } : {}) };
  }

  /** Jobs at the service go on. */
  async close(): Promise<void> {
    this.#closed = true;
    const [transport, downloads] = [this.#transport, this.#downloads];
    this.#transport = undefined;
    this.#downloads = undefined;
    await this.#answers.close();
    await transport?.close();
    await (await downloads)?.close();
  }

  /** Checks the request and builds the service's: everything that can fail before anything is sent. */
  async #prepare(request: ImageRequest): Promise<ApiCall> {
    const problems = this.capabilities.validate?.(request) ?? [];
    if (problems.length > 0) throw invalidRequest(joinSentences(...problems), { backend: backendName });
    const rule = this.#api.references;
    const { references, size } = request;
    const max = this.capabilities.references?.maxCount ?? 0;
    if (references.length > max) {
      const said = sayOfRequest('references-many', { count: references.length, max });
      throw invalidRequest(said, { backend: backendName });
    }
    if (references.length === 0 || rule === undefined) return this.#api.buildSubmit(request, []);
    return this.#api.buildSubmit(request, await encodeReferences(references, size, rule));
  }

  /** Sends the one request. An answer that names a job is followed even if it names an error too: the job may be paid for. */
  async #exchange(
    transport: Transport,
    call: ApiCall,
    errors: ErrorContext,
    { signal, key, beforeSend, onWarning }: JobContext,
  ): Promise<WireAnswer> {
    try {
      return (await transport.send(call, { signal, oneShot: true, traceId: key, beforeSend })).answer;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const { answer, fault } = error;
      if (answer === undefined || fault.type !== 'api' || this.#api.readSubmit(answer) === undefined) {
        throw submissionError(error, errors);
      }
      const code = clean(fault.code, errors);
      onWarning?.({ code: 'other', ...say('accepted-with-error', { product: errors.guide.product, code }) });
      return answer;
    }
  }

  #errors(request: ImageRequest, signal: AbortSignal): ErrorContext {
    const { guide, host, secrets } = this.#api;
    return { guide, host, secrets, signal, seeded: request.seed !== undefined };
  }

  #open(outcome: 'not-submitted' | 'accepted'): Transport {
    if (this.#closed) {
      throw new ImageError({ kind: 'internal', outcome, backend: backendName, ...say('closed') });
    }
    this.#transport ??= this.#api.createTransport();
    return this.#transport;
  }

  async #fetch(): Promise<FetchLike> {
    this.#downloads ??= createFetch(this.#options.network);
    return (await this.#downloads).fetch;
  }
}
