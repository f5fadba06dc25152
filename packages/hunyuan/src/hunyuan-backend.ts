import { ImageError } from '@holodeck/core';
import { createFetch, createLookup, credentialHash } from '@holodeck/core/backend';
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
import { abortError, submissionError } from './hunyuan-errors.ts';
import type { ErrorContext } from './hunyuan-errors.ts';
import { readHandle } from './hunyuan-handle.ts';
import type { HandleData } from './hunyuan-handle.ts';
import { backendName, resolveOptions } from './hunyuan-options.ts';
import type { HunyuanOptions, ResolvedOptions } from './hunyuan-options.ts';
import { probeHunyuan } from './hunyuan-probe.ts';
import { readRequestId } from './wire/hunyuan-wire.ts';
import { encodeReferences } from './api/reference-padding.ts';
import { selectApi } from './api/select-api.ts';
import { TransportError } from './wire/transport.ts';
import type { Transport, TransportAnswer } from './wire/transport.ts';

/** The vendor's default: one job at once per account. More is sold as an add-on. */
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
  readonly #options: ResolvedOptions;
  readonly #api: HunyuanApi;
  readonly #credential: string;
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

  async submit(request: ImageRequest, context: JobContext): Promise<JobHandle> {
    const transport = this.#open('not-submitted');
    const { signal, key, beforeSend } = context;
    if (signal.aborted) throw abortError(signal, 'not-submitted');
    const call = await this.#prepare(request);
    if (signal.aborted) throw abortError(signal, 'not-submitted');
    const { deprecation } = this.#api;
    if (deprecation !== undefined) context.onWarning?.({ code: 'deprecated', message: deprecation });
    const errors = this.#errors(request, signal);
    let answered: TransportAnswer;
    try {
      answered = await transport.send(call, { signal, oneShot: true, traceId: key, beforeSend });
    } catch (error) {
      throw error instanceof TransportError ? submissionError(error, errors) : error;
    }
    const { answer } = answered;
    const jobId = this.#api.readSubmit(answer);
    const requestId = readRequestId(answer);
    if (jobId === undefined) {
      const fault = { type: 'unreadable', message: 'it accepted the job but named no id' } as const;
      throw submissionError(new TransportError(fault, { requestId }), errors);
    }
    const data: HandleData = {
      rewritePrompt: this.#api.rewrites(request),
      ...(request.seed === undefined ? {} : { seed: request.seed }),
    };
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
    const collector = new JobCollector({
      api: this.#api,
      transport,
      handle,
      data,
      context,
      fetch: () => this.#fetch(),
      maxDownloadBytes: this.#options.maxDownloadBytes,
      allowedHosts: this.#api.resultHosts,
      lookup: createLookup(this.#options.network),
      clock: this.#options.clock,
    });
    return await collector.run();
  }

  /** Jobs at the service go on. */
  async close(): Promise<void> {
    this.#closed = true;
    const [transport, downloads] = [this.#transport, this.#downloads];
    this.#transport = undefined;
    this.#downloads = undefined;
    await transport?.close();
    await (await downloads)?.close();
  }

  /** Checks the request and puts it into the service's words: all that can fail before anything is sent. */
  async #prepare(request: ImageRequest): Promise<ApiCall> {
    const problems = this.capabilities.validate?.(request) ?? [];
    if (problems.length > 0) throw this.#invalid(joinSentences(...problems).message);
    const rule = this.#api.references;
    const { references, size } = request;
    if (references.length > (this.capabilities.references?.maxCount ?? 0)) {
      throw this.#invalid(`${references.length} reference pictures are more than the service takes.`);
    }
    if (references.length === 0 || rule === undefined) return this.#api.buildSubmit(request, []);
    return this.#api.buildSubmit(request, await encodeReferences(references, size, rule));
  }

  #errors(request: ImageRequest, signal: AbortSignal): ErrorContext {
    const { guide, host, secrets } = this.#api;
    return { guide, host, secrets, signal, seeded: request.seed !== undefined };
  }

  #open(outcome: 'not-submitted' | 'accepted'): Transport {
    if (this.#closed) {
      const message = 'This backend is closed. Create a new one.';
      throw new ImageError({ kind: 'internal', outcome, backend: backendName, message });
    }
    this.#transport ??= this.#api.createTransport();
    return this.#transport;
  }

  async #fetch(): Promise<FetchLike> {
    this.#downloads ??= createFetch(this.#options.network);
    return (await this.#downloads).fetch;
  }

  #invalid(message: string): ImageError {
    return new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', backend: backendName, message });
  }
}
