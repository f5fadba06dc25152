import { ImageError } from '@holodeck/core';
import { createPollPacer, downloadImage, systemClock, takeImages } from '@holodeck/core/backend';
import type { ImageWarning } from '@holodeck/core';
import type {
  LookupAddresses,
  BackendResult,
  Clock,
  CollectedImage,
  FetchLike,
  JobContext,
  JobHandle,
} from '@holodeck/core/backend';
import { randomUUID } from 'node:crypto';
import type { HunyuanApi } from './api/hunyuan-api.ts';
import { meaningOfJobError } from './hunyuan-error-codes.ts';
import { abortError, clean, failedJobError, queryError } from './hunyuan-errors.ts';
import type { ErrorContext } from './hunyuan-errors.ts';
import type { HandleData } from './hunyuan-handle.ts';
import { say } from './hunyuan-messages.ts';
import { backendName } from './hunyuan-options.ts';
import { readRequestId } from './wire/hunyuan-wire.ts';
import type { JobImage, JobReport, PictureReport } from './wire/hunyuan-wire.ts';
import { TransportError } from './wire/transport.ts';
import type { Transport } from './wire/transport.ts';

/** What the collection of one job needs. */
export interface CollectionTools {
  readonly api: HunyuanApi;
  readonly transport: Transport;
  readonly handle: JobHandle;
  readonly data: HandleData;
  /** The pictures of an answer that was kept: then there is no job to query. */
  readonly kept?: KeptPictures | undefined;
  readonly context: JobContext;
  /** Called when there is something to download. */
  readonly fetch: () => Promise<FetchLike>;
  readonly maxDownloadBytes: number;
  /** Hosts that results may come from although they are not on the public internet. */
  readonly allowedHosts: readonly string[];
  readonly lookup: LookupAddresses;
  readonly clock: Clock | undefined;
}

/** What a kept answer says of its pictures and of the request. */
export type KeptPictures = PictureReport & { readonly seed?: number };

/**
 * Where the vendor keeps results (https://cloud.tencent.com/document/product/436/6224). Inside the vendor's own network these
 * names lead to private addresses.
 */
const vendorDomains = ['.myqcloud.com', '.tencentcos.cn'];

// A job that was just submitted may not be known everywhere yet, nor a picture that was just made, nor its address. Believing
// that it is gone gives up what is paid for, so it takes several answers over some time.
const absentAnswers = 3;
const absentSpanMs = 10_000;
const absentPauseMs = absentSpanMs / (absentAnswers - 1) + 50;

type Report = JobReport & { readonly requestId?: string };
type DoneReport = Extract<JobReport, { state: 'done' }> & { readonly requestId?: string };

/** Waits for one job and downloads its pictures. Queries are free, so it can be repeated at any time. */
export class JobCollector {
  readonly #tools: CollectionTools;
  readonly #clock: Clock;
  readonly #errors: ErrorContext;
  /** Answers in a row that give the job up. */
  #absent = { answers: 0, sinceMs: 0 };
  /** Since when every address has been refused. */
  #refusedSinceMs: number | undefined;

  constructor(tools: CollectionTools) {
    const { api, context, handle, data } = tools;
    this.#tools = tools;
    this.#clock = tools.clock ?? systemClock;
    this.#errors = {
      guide: api.guide,
      host: api.host,
      secrets: api.secrets,
      signal: context.signal,
      handle,
      seeded: data.seed !== undefined,
    };
  }

  async run(): Promise<BackendResult> {
    const { context, kept } = this.#tools;
    const report = kept === undefined ? await this.#waitForEnd() : this.#end({ state: 'done', failures: [], ...kept });
    const images: CollectedImage[] = [];
    const warnings: ImageWarning[] = report.failures.map((failure) => ({
      code: 'fewer-images',
      ...say('withheld', { reason: clean(failure, this.#errors) }),
    }));
    let lost: ImageError | undefined;
    for (const [index, image] of takeImages(report.images, context).entries()) {
      const missing = await this.#download(image, index);
      lost ??= missing;
      if (missing === undefined) images.push(this.#describe(image, index));
      else warnings.push({ code: 'fewer-images', ...say('picture-missing', { number: index + 1, reason: missing }) });
    }
    // A job whose other pictures came is a success: they are paid for as well.
    if (lost !== undefined && images.length === 0) throw lost;
    for (const warning of warnings) context.logger?.warn({ jobId: this.#tools.handle.jobId }, warning.message);
    return {
      images,
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(report.requestId === undefined ? {} : { requestId: report.requestId }),
      ...(kept?.totalTokens === undefined ? {} : { usage: { totalTokens: kept.totalTokens } }),
    };
  }

  /** Polls until the job has succeeded. Throws when it has ended in any other way. */
  async #waitForEnd(): Promise<DoneReport> {
    const { context, clock, handle } = this.#tools;
    const { signal } = context;
    const nextPoll = context.nextPoll ?? createPollPacer({ signal, ...(clock === undefined ? {} : { clock }) });
    for (;;) {
      await this.#wait(nextPoll());
      const report = await this.#query();
      if (report === undefined) {
        // Not paced like a running job, because the answers must be spread over the span.
        await this.#wait(this.#clock.sleep(absentPauseMs, signal));
        continue;
      }
      switch (report.state) {
        case 'queued':
          context.onProgress?.({ type: 'queued' });
          break;
        case 'running':
          context.onProgress?.({ type: 'running', ...(report.note === undefined ? {} : { note: report.note }) });
          break;
        case 'unreadable':
          throw new ImageError({
            kind: 'bad-response',
            outcome: 'accepted',
            retryable: true,
            ...say('no-state', { host: this.#errors.host, job: handle.jobId }),
            backend: backendName,
            handle,
          });
        default:
          return this.#end(report);
      }
    }
  }

  #end(report: Exclude<Report, { state: 'queued' | 'running' | 'unreadable' }>): DoneReport {
    this.#tools.context.onEnded?.();
    if (report.state === 'failed') throw failedJobError(report, this.#errors, report.requestId);
    if (report.images.length === 0) throw this.#empty(report);
    return report;
  }

  /** The state of the job; undefined when the service has no such job, or no picture of it, and this is not believed yet. */
  async #query(): Promise<Report | undefined> {
    const { api, transport, handle, context } = this.#tools;
    try {
      const { answer } = await transport.send(api.buildQuery(handle.jobId), {
        signal: context.signal,
        oneShot: false,
        traceId: randomUUID(),
      });
      const report = api.readQuery(answer);
      const isEmpty = report.state === 'done' && report.images.length === 0 && report.failures.length === 0;
      if (!isEmpty) this.#absent = { answers: 0, sinceMs: 0 };
      else if (!this.#isBelieved()) return undefined;
      const requestId = readRequestId(answer);
      return { ...report, ...(requestId === undefined ? {} : { requestId }) };
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (error.fault.type !== 'api' || !api.isAbsent(error.fault)) throw queryError(error, this.#errors);
      this.#noteAbsent(error, error.fault.code);
      return undefined;
    }
  }

  /** Counts one more answer that gives the job up: whether there have been enough, over enough time. */
  #isBelieved(): boolean {
    const now = this.#clock.monotonic();
    const { answers, sinceMs } = this.#absent;
    this.#absent = answers === 0 ? { answers: 1, sinceMs: now } : { answers: answers + 1, sinceMs };
    return this.#absent.answers >= absentAnswers && now - this.#absent.sinceMs >= absentSpanMs;
  }

  #noteAbsent(error: TransportError, code: string): void {
    if (!this.#isBelieved()) return;
    this.#tools.context.onEnded?.();
    const { handle } = this.#tools;
    const { requestId } = error;
    throw new ImageError({
      kind: 'job-failed',
      outcome: 'lost',
      ...say('job-unknown', {
        job: handle.jobId,
        answers: this.#absent.answers,
        seconds: Math.round((this.#clock.monotonic() - this.#absent.sinceMs) / 1000),
      }),
      code,
      backend: backendName,
      handle,
      ...(requestId === undefined ? {} : { requestId }),
    });
  }

  #empty({ failures, requestId }: DoneReport): ImageError {
    const { handle } = this.#tools;
    const [failure] = failures;
    if (failure !== undefined) {
      // The verdict is a text that may begin with a code.
      const code = /^[A-Za-z]+(\.[A-Za-z]+)?/.exec(failure)?.[0] ?? '';
      const known = code !== '' && meaningOfJobError(code) !== undefined;
      return failedJobError({ code: known ? code : '', message: failure }, this.#errors, requestId);
    }
    return new ImageError({
      kind: 'job-failed',
      outcome: 'failed',
      ...say('no-picture', { job: handle.jobId }),
      backend: backendName,
      handle,
      ...(requestId === undefined ? {} : { requestId }),
    });
  }

  /**
   * Downloads one picture. When an address is refused (expired, or not yet known everywhere), the job is asked for a fresh one:
   * at once, then until the refusals are believed. Returns the error when the picture is not available.
   */
  async #download(image: JobImage, index: number): Promise<ImageError | undefined> {
    let { url } = image;
    for (let refusals = 1; ; refusals += 1) {
      try {
        await this.#fetch(url, index);
        this.#refusedSinceMs = undefined;
        return undefined;
      } catch (error) {
        const own = this.#own(error);
        if (!ImageError.isInstance(own) || own.outcome !== 'lost') throw own;
        const now = this.#clock.monotonic();
        this.#refusedSinceMs ??= now;
        if (refusals >= absentAnswers && now - this.#refusedSinceMs >= absentSpanMs) return own;
        if (refusals > 1) await this.#wait(this.#clock.sleep(absentPauseMs, this.#tools.context.signal));
        url = (await this.#freshUrl(index)) ?? url;
      }
    }
  }

  async #freshUrl(index: number): Promise<string | undefined> {
    const report = this.#tools.kept === undefined ? await this.#query() : undefined;
    return report?.state === 'done' ? report.images[index]?.url : undefined;
  }

  async #fetch(url: string, index: number): Promise<void> {
    const { context, maxDownloadBytes, allowedHosts, lookup } = this.#tools;
    const fetch = await this.#tools.fetch();
    await downloadImage({
      url,
      sink: await context.openImage(index),
      fetch,
      signal: context.signal,
      maxBytes: maxDownloadBytes,
      allowedHosts: [...vendorDomains, ...allowedHosts],
      lookup,
      onProgress: context.onProgress,
    });
  }

  #describe({ revisedPrompt }: JobImage, index: number): CollectedImage {
    const { seed, rewritePrompt } = this.#tools.data;
    return {
      index,
      ...(seed === undefined ? {} : { seed }),
      ...(rewritePrompt && revisedPrompt !== undefined ? { revisedPrompt } : {}),
    };
  }

  /** An error of the download, with the handle of this job. */
  #own(error: unknown): unknown {
    const { context, handle } = this.#tools;
    if (context.signal.aborted) return abortError(context.signal, 'accepted', handle);
    return ImageError.isInstance(error) ? ImageError.with(error, { backend: backendName, handle }) : error;
  }

  async #wait(pause: Promise<void>): Promise<void> {
    const { context, handle } = this.#tools;
    try {
      await pause;
    } catch (error) {
      throw context.signal.aborted ? abortError(context.signal, 'accepted', handle) : error;
    }
  }
}
