import { randomUUID } from 'node:crypto';
import type { ImageBackend, ProbeReport } from '@holodeck/core';
import type {
  BackendCapabilities,
  BackendResult,
  ImageErrorFields,
  ImageRequest,
  JobContext,
  JobHandle,
} from '@holodeck/core/backend';
import { ImageError } from '@holodeck/core';
import { credentialHash } from '@holodeck/core/backend';
import { paintPng } from '@holodeck/emulators';

/** A job that the service accepted and billed. */
export interface FakeJob {
  readonly jobId: string;
  readonly key: string;
  readonly request: ImageRequest;
}

/** The behaviour of a step: normal, an error, or a wait. */
type Script = (
  request: ImageRequest,
  ordinal: number,
  signal: AbortSignal,
) => Promise<ImageErrorFields | undefined> | ImageErrorFields | undefined;

/** An image service with a ledger, whose faults the test sets. It implements the contract of `ImageBackend`. */
export class FakeService {
  readonly name: string;
  readonly jobs: FakeJob[] = [];
  submissions = 0;
  probes = 0;
  /** The probe's result. */
  status: ProbeReport['status'] = 'ready';
  /** How long the probe takes. */
  onProbe: () => Promise<void> = () => Promise.resolve();
  /** Called for each submission; an error whose outcome is accepted or unknown may still have been taken: see `takes`. */
  onSubmit: Script = () => undefined;
  onCollect: Script = () => undefined;
  /** Files that its jobs make beside their picture, by name. */
  extraFiles: Readonly<Record<string, string>> = {};
  /** What the service paints for a job. */
  picture: (request: ImageRequest, ordinal: number) => Uint8Array = pictureOf;

  constructor(name: string) {
    this.name = name;
  }

  /** A backend of the service. Several backends of one service act as several processes on one account. */
  backend(
    changes: Partial<Pick<ImageBackend, 'model' | 'fingerprint'>> & {
      capabilities?: Partial<BackendCapabilities>;
    } = {},
  ): ImageBackend {
    const { name } = this;
    const model = changes.model ?? `${name}-1`;
    const lane = { id: `${name}/lane`, label: name, defaultMaxConcurrent: 4 };
    const credential = credentialHash(name);
    const capabilities: BackendCapabilities = {
      size: { minSide: 8, maxSide: 4096 },
      maxPromptLength: 4000,
      maxCount: 1,
      seed: { min: 1, max: 4_294_967_295 },
      style: false,
      references: { roles: ['style'], maxCount: 3, mediaTypes: ['image/png'] },
      transparentBackground: false,
      formats: [],
      progress: 'poll',
      locatable: false,
      cancellable: false,
      billable: true,
      limitSignal: 'none',
      submitAbortGraceMs: 0,
      ...changes.capabilities,
    };
    return {
      name,
      model,
      fingerprint: changes.fingerprint ?? `${name}/${model}`,
      capabilities,
      lanes: [lane],
      probe: () => this.#probe(model),
      submit: (request, context) => this.#submit(request, context, lane.id, credential),
      collect: (handle, context) => this.#collect(handle, context),
      close: () => Promise.resolve(),
    };
  }

  async #probe(model: string): Promise<ProbeReport> {
    this.probes += 1;
    await this.onProbe();
    return {
      backend: this.name,
      model,
      status: this.status,
      message: `${this.name} is ${this.status}.`,
      proves: [],
      doesNotProve: [],
      checkedAtMs: 0,
      durationMs: 0,
    };
  }

  async #submit(request: ImageRequest, context: JobContext, lane: string, credential: string): Promise<JobHandle> {
    await context.beforeSend?.();
    this.submissions += 1;
    const fault = await this.onSubmit(request, this.submissions, context.signal);
    if (fault !== undefined) throw new ImageError({ backend: this.name, ...fault });
    const job = { jobId: randomUUID(), key: context.key, request };
    this.jobs.push(job);
    return {
      version: 1,
      backend: this.name,
      lane,
      credential,
      jobId: job.jobId,
      key: context.key,
      acceptedAtMs: Date.now(),
    };
  }

  async #collect(handle: JobHandle, context: JobContext): Promise<BackendResult> {
    const ordinal = this.jobs.findIndex(({ jobId }) => jobId === handle.jobId);
    const job = this.jobs[ordinal];
    if (job === undefined)
      throw new ImageError({ kind: 'job-failed', outcome: 'lost', message: 'No such job.', backend: this.name });
    const fault = await this.onCollect(job.request, ordinal + 1, context.signal);
    if (fault !== undefined) throw new ImageError({ backend: this.name, ...fault });
    context.onEnded?.();
    const sink = await context.openImage(0);
    await sink.write(this.picture(job.request, ordinal + 1));
    await sink.close();
    for (const [name, text] of Object.entries(this.extraFiles)) {
      const extra = await context.openExtraFile?.(name);
      await extra?.write(Buffer.from(text));
      await extra?.close();
    }
    return { images: [{ index: 0 }] };
  }
}

function pictureOf(request: ImageRequest): Uint8Array {
  const { prompt, seed } = request;
  return paintPng({ width: 32, height: 32, prompt, seed: seed ?? 0, kind: 'scene' });
}

/** Faults by name. */
export const faults = {
  limited: { kind: 'rate-limit', outcome: 'rejected', message: 'Too many requests.' },
  unreachable: { kind: 'unavailable', outcome: 'not-submitted', message: 'No connection.', retryable: false },
  overloaded: { kind: 'unavailable', outcome: 'rejected', message: 'Overloaded.' },
  auth: { kind: 'auth', outcome: 'rejected', message: 'The key is wrong.' },
  quota: { kind: 'quota', outcome: 'rejected', message: 'The balance is used up.' },
  contentPolicy: { kind: 'content-policy', outcome: 'rejected', message: 'Not allowed.' },
  invalid: { kind: 'invalid-request', outcome: 'rejected', message: 'The service does not like the size.' },
  failed: { kind: 'job-failed', outcome: 'failed', message: 'The job failed.' },
  lost: { kind: 'job-failed', outcome: 'lost', message: 'The picture is gone.' },
  unknown: { kind: 'unavailable', outcome: 'unknown', message: 'The connection broke.' },
  away: { kind: 'unavailable', outcome: 'accepted', message: 'The service does not answer.', retryable: false },
} as const satisfies Record<string, ImageErrorFields>;
