import { ImageError } from '@holodeck/core';
import {
  createFetch,
  createOneShotFetch,
  createPollPacer,
  credentialHash,
  downloadImage,
} from '@holodeck/core/backend';
import type { ImageBackend, ProbeReport } from '@holodeck/core';
import type {
  BackendCapabilities,
  BackendResult,
  CollectedImage,
  ImageErrorFields,
  ImageRequest,
  JobContext,
  JobHandle,
  Lane,
  NetworkFetch,
  ProbeContext,
} from '@holodeck/core/backend';

export interface PostcardOptions {
  readonly url: string;
  readonly key: string;
}

/** A whole backend, for a service that takes orders, works on them and keeps the pictures behind signed links. */
export class PostcardBackend implements ImageBackend {
  readonly name = 'postcard';
  readonly model = 'postcard-1';
  readonly fingerprint = 'postcard/postcard-1';
  readonly capabilities: BackendCapabilities = {
    size: { minSide: 64, maxSide: 2048, multipleOf: 8, maxPixels: 2_097_152 },
    maxPromptLength: 500,
    maxCount: 4,
    seed: { min: 0, max: 65_535 },
    style: false,
    references: { roles: ['style'], maxCount: 2, mediaTypes: ['image/png'], maxBytes: 1_000_000, maxSide: 1024 },
    transparentBackground: false,
    formats: [],
    progress: 'poll',
    locatable: false,
    cancellable: false,
    billable: true,
    limitSignal: 'refusal',
    validate: ({ providerOptions }) =>
      Object.keys(providerOptions).map((name) => `providerOptions.postcard.${name} is unknown; there are none.`),
  };
  readonly lanes: readonly [Lane];
  readonly #options: PostcardOptions;
  readonly #credential: string;
  #shared: Promise<NetworkFetch> | undefined;

  constructor(options: PostcardOptions) {
    this.#options = options;
    this.#credential = credentialHash(options.url, options.key);
    this.lanes = [{ id: `postcard/${this.#credential}`, label: new URL(options.url).host, defaultMaxConcurrent: 2 }];
  }

  async probe({ signal }: ProbeContext): Promise<ProbeReport> {
    signal.throwIfAborted();
    const started = performance.now();
    const report = (found: Pick<ProbeReport, 'status' | 'message' | 'proves'> & Partial<ProbeReport>): ProbeReport => ({
      backend: this.name,
      model: this.model,
      doesNotProve: ['the balance'],
      checkedAtMs: Date.now(),
      durationMs: performance.now() - started,
      ...found,
    });
    try {
      const { status } = await this.#ask('/account', signal);
      if (status === 200) return report({ status: 'ready', message: 'The key is good.', proves: ['the key is good'] });
      const remedy = 'Check the key.';
      return report({ status: 'down', message: 'The key is refused.', proves: [], errorKind: 'auth', remedy });
    } catch {
      signal.throwIfAborted();
      const remedy = 'Check the address and the network.';
      return report({ status: 'down', message: 'No answer.', proves: [], errorKind: 'unavailable', remedy });
    }
  }

  async submit(request: ImageRequest, context: JobContext): Promise<JobHandle> {
    const { signal, key } = context;
    if (signal.aborted) throw this.#stopped(signal, 'not-submitted');
    const pictures = await Promise.all(request.references.map(async (one) => Buffer.from(await one.read())));
    const { prompt, size, count, seed } = request;
    const order = { prompt, ...size, count, seed, pictures: pictures.map((picture) => picture.toString('base64')) };
    // Its connection serves this order alone: only so can a fault tell whether the order left. The driver writes its row
    // when the connection stands, right before the order leaves.
    const once = await createOneShotFetch({ beforeSend: context.beforeSend });
    let answer: { readonly status: number; readonly text: string };
    try {
      const response = await once.fetch(`${this.#options.url}/jobs`, {
        method: 'POST',
        headers: { 'x-key': this.#options.key, 'content-type': 'application/json' },
        body: JSON.stringify(order),
        signal,
      });
      answer = { status: response.status, text: await response.text() };
    } catch {
      const outcome = once.connectionMade() ? 'unknown' : 'not-submitted';
      if (signal.aborted) throw this.#stopped(signal, outcome);
      throw this.#error({ kind: 'unavailable', outcome, retryable: true, message: 'The service did not answer.' });
    } finally {
      await once.close();
    }
    if (answer.status !== 201) throw this.#refusal(answer.status, answer.text);
    return {
      version: 1,
      backend: this.name,
      lane: this.lanes[0].id,
      credential: this.#credential,
      jobId: (JSON.parse(answer.text) as { id: string }).id,
      key,
      acceptedAtMs: Date.now(),
    };
  }

  async collect(handle: JobHandle, context: JobContext): Promise<BackendResult> {
    const { signal } = context;
    const isOwn = handle.backend === this.name && handle.version === 1 && handle.lane === this.lanes[0].id;
    if (!isOwn || handle.credential !== this.#credential)
      throw this.#error({ kind: 'auth', outcome: 'accepted', message: 'This job belongs to another account.' });
    try {
      const links = await this.#finished(handle, context);
      const images: CollectedImage[] = [];
      for (const [index, url] of links.entries()) {
        const { fetch } = await this.#network();
        const allowedHosts = [new URL(this.#options.url).host];
        await downloadImage({ url, sink: await context.openImage(index), fetch, signal, allowedHosts });
        images.push({ index });
      }
      return { images };
    } catch (error) {
      if (signal.aborted) throw this.#stopped(signal, 'accepted');
      if (ImageError.isInstance(error)) throw ImageError.with(error, { backend: this.name, handle });
      throw this.#error({
        kind: 'unavailable',
        outcome: 'accepted',
        retryable: true,
        message: 'No answer about the job.',
      });
    }
  }

  async close(): Promise<void> {
    await (await this.#shared)?.close();
  }

  /** The links of a job that has ended well. */
  async #finished(handle: JobHandle, context: JobContext): Promise<readonly string[]> {
    const { signal, onEnded } = context;
    signal.throwIfAborted();
    const nextPoll = context.nextPoll ?? createPollPacer({ signal });
    for (;;) {
      await nextPoll();
      const response = await this.#ask(`/jobs/${handle.jobId}`, signal);
      if (response.status === 404) {
        onEnded?.();
        throw this.#error({ kind: 'job-failed', outcome: 'lost', message: 'The service knows the job no longer.' });
      }
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      const { state, pictures } = (await response.json()) as { state: string; pictures: string[] };
      if (state === 'running') continue;
      onEnded?.();
      if (state === 'done') return pictures;
      throw this.#error({ kind: 'job-failed', outcome: 'failed', message: 'The job failed. Order it again.' });
    }
  }

  async #ask(path: string, signal: AbortSignal): Promise<Response> {
    const { fetch } = await this.#network();
    return fetch(this.#options.url + path, { headers: { 'x-key': this.#options.key }, signal });
  }

  #network(): Promise<NetworkFetch> {
    this.#shared ??= createFetch();
    return this.#shared;
  }

  /** What an answer other than 201 means. Only the service's own words are a refusal; anything else may hide a job. */
  #refusal(status: number, text: string): ImageError {
    const refused = { outcome: 'rejected', code: String(status) } as const;
    if (text === '{"error":"bad-key"}')
      return this.#error({ ...refused, kind: 'auth', message: 'The key is refused. Check it.' });
    if (text === '{"error":"busy"}')
      return this.#error({
        ...refused,
        kind: 'rate-limit',
        retryable: true,
        message: 'The service is busy. Try later.',
      });
    if (text === '{"error":"no-credit"}')
      return this.#error({ ...refused, kind: 'quota', message: 'No credit is left. Buy some.' });
    if (text === '{"error":"blocked"}')
      return this.#error({ ...refused, kind: 'content-policy', message: 'The words are refused. Change them.' });
    return this.#error({
      kind: 'bad-response',
      outcome: 'unknown',
      message: `Status ${status} is not an answer of the service.`,
    });
  }

  #stopped(signal: AbortSignal, outcome: ImageErrorFields['outcome']): ImageError {
    const isLate = ImageError.isInstance(signal.reason) && signal.reason.kind === 'timeout';
    return this.#error({ kind: isLate ? 'timeout' : 'aborted', outcome, message: 'It was stopped.' });
  }

  #error(fields: ImageErrorFields): ImageError {
    return new ImageError({ backend: this.name, ...fields });
  }
}

/** For processes of their own. */
export function openPostcardBackend(options: PostcardOptions): PostcardBackend {
  return new PostcardBackend(options);
}
