import type { Readable } from 'node:stream';
import { ImageError } from '@holodeck/core';
import type { ImageErrorOutcome } from '@holodeck/core';
import { isRecord } from '@holodeck/core/backend';
import { parseError, refusalError } from '../openai-errors.ts';
import type { Refusal } from '../openai-errors.ts';
import type { ResolvedOpenAIOptions } from '../openai-options.ts';
import { secretsOf } from '../openai-submission.ts';
import { connectionError, reasonOf } from '../wire/connection-errors.ts';
import { durationMs } from '../wire/retry-after.ts';
import type { OpenAITransport, Reply, SdkCall } from '../wire/openai-transport.ts';
import { say } from './batch-messages.ts';
import type { WireBatch, WireFile } from './batch-wire.ts';

/** The endpoints of a batch that make images. */
export type BatchEndpoint = '/v1/images/generations' | '/v1/images/edits';

/** A batch as it was seen. */
export interface SeenBatch {
  readonly batch: WireBatch;
  /** When the service wants to be asked again, in milliseconds. */
  readonly pollAfterMs?: number;
}

/** How long a short answer may take, in milliseconds. */
const lookMs = 60_000;
const maxJsonBytes = 8 * 2 ** 20;
/** Input files and references of ours end by themselves. A batch may take a day. */
const inputLifeSeconds = 3 * 24 * 3600;
const outputLifeSeconds = 30 * 24 * 3600;
const day = 24 * 3600;
/** Clocks differ, also by their time zone: what is looked for may be listed with an earlier time. */
const clockSlackMs = day * 1000;

/** The calls for files and batches: https://platform.openai.com/docs/api-reference/batch. All but `create` are free. */
export class BatchApi {
  readonly #options: ResolvedOpenAIOptions;
  readonly #transport: OpenAITransport;
  /** What the service does not find, by id, and since when (Unix time in milliseconds). */
  readonly #missing = new Map<string, number>();

  constructor(options: ResolvedOpenAIOptions, transport: OpenAITransport) {
    this.#options = options;
    this.#transport = transport;
  }

  async prepare(): Promise<void> {
    await this.#transport.prepare();
  }

  /** Uploads a file; resolves with its id. @throws {ImageError} `rejected` or `not-submitted`: an upload costs nothing. */
  async upload(file: File, purpose: 'batch' | 'vision', signal: AbortSignal): Promise<string> {
    const expires = { anchor: 'created_at', seconds: inputLifeSeconds } as const;
    const value = await this.#json('not-submitted', signal, (client, fetchOptions) =>
      client.files.create({ file, purpose, expires_after: expires }, { signal, fetchOptions }),
    );
    if (typeof value['id'] === 'string') return value['id'];
    throw this.strange('not-submitted');
  }

  /**
   * Creates the batch of an input file: the only paid call. Never sent twice.
   * @throws {ImageError} `rejected`, `not-submitted` or `unknown`: then only a look at the list tells.
   */
  async create(fileId: string, endpoint: BatchEndpoint, group: string, signal: AbortSignal): Promise<string> {
    const body = {
      input_file_id: fileId,
      endpoint,
      completion_window: '24h',
      metadata: { holodeck: group },
      output_expires_after: { anchor: 'created_at', seconds: outputLifeSeconds },
    } as const;
    const paid = await this.#transport.post(
      (client, fetchOptions) => client.batches.create(body, { signal, fetchOptions }),
      undefined,
    );
    try {
      const reply = await paid.reply().catch((error: unknown) => {
        throw this.#noAnswer(error, signal, paid.connectionMade());
      });
      if (!reply.ok) throw createRefusal(this.#refusal(reply), reply.refusal.status);
      const value = await readJson(reply.body).catch(() => undefined);
      if (typeof value?.['id'] === 'string') return value['id'];
      throw this.strange('unknown');
    } finally {
      await paid.close();
    }
  }

  /** @throws {ImageError} `accepted`, or `lost` where there is no such batch any more. */
  async look(batchId: string, signal: AbortSignal): Promise<SeenBatch> {
    const bound = AbortSignal.any([signal, AbortSignal.timeout(lookMs)]);
    const call: SdkCall = (client, fetchOptions) => client.batches.retrieve(batchId, { signal: bound, fetchOptions });
    const reply = await this.#reply('accepted', bound, call, batchId);
    const batch = await this.#read(reply, 'accepted', bound);
    const pollAfterMs = durationMs(`${reply.headers.get('openai-poll-after-ms') ?? ''}ms`);
    return { batch, ...(pollAfterMs === undefined ? {} : { pollAfterMs }) };
  }

  async cancel(batchId: string, signal: AbortSignal): Promise<void> {
    await this.#json('accepted', signal, (client, fetchOptions) =>
      client.batches.cancel(batchId, { signal, fetchOptions }),
    );
  }

  /** The content as it arrives. @throws {ImageError} `accepted`, or `lost` where there is no such file any more. */
  async content(fileId: string, signal: AbortSignal): Promise<Readable> {
    const call: SdkCall = (client, fetchOptions) => client.files.content(fileId, { signal, fetchOptions });
    return (await this.#reply('accepted', signal, call, fileId)).body;
  }

  /** Best effort: files of ours also expire. */
  async remove(fileId: string, signal: AbortSignal): Promise<void> {
    await this.#json('accepted', signal, (client, fetchOptions) =>
      client.files.delete(fileId, { signal, fetchOptions }),
    ).catch(() => undefined);
  }

  /** The id of our input file with that name, if the list shows it. */
  async findInput(filename: string, sinceMs: number, signal: AbortSignal): Promise<string | undefined> {
    for await (const file of this.#files('batch', sinceMs, signal))
      if (file.filename === filename) return String(file.id);
    return undefined;
  }

  /** Our reference pictures that live for another day at least: ids by name. */
  async references(signal: AbortSignal): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const latest = Date.now() / 1000 + day;
    for await (const { filename, id, expires_at: expires } of this.#files('vision', 0, signal)) {
      const lives = typeof expires !== 'number' || expires > latest;
      if (lives && typeof filename === 'string' && typeof id === 'string') found.set(filename, id);
    }
    return found;
  }

  /** The batch of a group, if the list shows it: by our key, or by its input file. */
  async findBatch(
    group: string,
    fileId: string | undefined,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const pages = this.#pages(
      (client, fetchOptions, after, bound) =>
        client.batches.list({ limit: 100, ...after }, { signal: bound, fetchOptions }),
      signal,
    );
    for await (const batch of pages as AsyncIterable<WireBatch>) {
      const key = isRecord(batch.metadata) ? batch.metadata['holodeck'] : undefined;
      if (key === group || (fileId !== undefined && batch.input_file_id === fileId)) return String(batch.id);
      if (typeof batch.created_at === 'number' && batch.created_at * 1000 < sinceMs - clockSlackMs) return undefined;
    }
    return undefined;
  }

  async *#files(purpose: string, sinceMs: number, signal: AbortSignal): AsyncGenerator<WireFile> {
    const pages = this.#pages(
      (client, fetchOptions, after, bound) =>
        client.files.list({ purpose, order: 'desc', limit: 1000, ...after }, { signal: bound, fetchOptions }),
      signal,
    );
    for await (const file of pages as AsyncIterable<WireFile>) {
      if (typeof file.created_at === 'number' && file.created_at * 1000 < sinceMs - clockSlackMs) return;
      yield file;
    }
  }

  /** The entries of a list, newest first. */
  async *#pages(
    list: (
      client: Parameters<SdkCall>[0],
      fetchOptions: Parameters<SdkCall>[1],
      after: { readonly after?: string },
      bound: AbortSignal,
    ) => ReturnType<SdkCall>,
    signal: AbortSignal,
  ): AsyncGenerator<Record<string, unknown>> {
    for (let after: { readonly after?: string } = {}; ;) {
      const bound = AbortSignal.any([signal, AbortSignal.timeout(lookMs)]);
      const from = after;
      const page = await this.#json('accepted', bound, (client, fetchOptions) =>
        list(client, fetchOptions, from, bound),
      );
      if (!Array.isArray(page['data'])) throw this.strange('accepted');
      const entries = page['data'].filter(isRecord);
      yield* entries;
      const last = entries.at(-1)?.['id'];
      if (page['has_more'] !== true || typeof last !== 'string') return;
      // A server that ignores `after` sends the same page without end, and the rest of its list cannot be seen.
      if (last === from.after) throw this.strange('accepted');
      after = { after: last };
    }
  }

  async #json(outcome: ImageErrorOutcome, signal: AbortSignal, call: SdkCall): Promise<Record<string, unknown>> {
    return await this.#read(await this.#reply(outcome, signal, call), outcome, signal);
  }

  /** @param id What is asked for, where it may not be found yet. */
  async #reply(
    outcome: ImageErrorOutcome,
    signal: AbortSignal,
    call: SdkCall,
    id?: string,
  ): Promise<Reply & { readonly ok: true }> {
    let reply: Reply;
    try {
      signal.throwIfAborted();
      reply = await this.#transport.get(call);
    } catch (error) {
      throw this.broken(error, outcome, signal);
    }
    if (reply.ok) {
      if (id !== undefined) this.#missing.delete(id);
      return reply;
    }
    const error = this.#refusal(reply);
    if (outcome === 'accepted' && this.#isGone(reply.refusal, id)) {
      const said = say('batch-gone', { host: this.#options.baseURL.host });
      throw ImageError.with(error, { kind: 'job-failed', outcome: 'lost', retryable: false, ...said });
    }
    throw freeRefusal(error, outcome);
  }

  /** What was just made may not be found for a while, and a page of something in front of the service says nothing. */
  #isGone({ status, body }: Refusal, id: string | undefined): boolean {
    const { profile, batchListLagMs } = this.#options;
    if ((status !== 404 && status !== 410) || parseError(body, profile) === undefined) return false;
    if (id === undefined) return true;
    const now = Date.now();
    const since = this.#missing.get(id) ?? now;
    this.#missing.set(id, since);
    return now - since >= batchListLagMs;
  }

  async #read(
    reply: Reply & { readonly ok: true },
    outcome: ImageErrorOutcome,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const value = await readJson(reply.body).catch((error: unknown) => {
      throw this.broken(error, outcome, signal);
    });
    if (value === undefined) throw this.strange(outcome);
    return value;
  }

  /** A free request, or its answer, broke off. */
  broken(cause: unknown, outcome: ImageErrorOutcome, signal: AbortSignal): ImageError {
    if (ImageError.isInstance(cause) && cause !== signal.reason) return cause;
    const { host } = this.#options.baseURL;
    const fields = { outcome, backend: 'openai', cause } as const;
    const late = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
    if (signal.aborted && !late && outcome === 'not-submitted') return unsent(cause);
    if (signal.aborted && !late) return new ImageError({ ...fields, kind: 'aborted', ...say('batch-aborted') });
    const reason = reasonOf(signal.aborted ? signal.reason : cause, secretsOf(this.#options));
    return new ImageError({
      ...fields,
      kind: 'unavailable',
      retryable: true,
      ...say('batch-broken', { host, reason }),
    });
  }

  #refusal({ refusal }: Reply & { readonly ok: false }): ImageError {
    const { profile, model, baseURL } = this.#options;
    return refusalError(refusal, { profile, model, host: baseURL.host, secrets: secretsOf(this.#options) });
  }

  #noAnswer(cause: unknown, signal: AbortSignal, connectionMade: boolean): ImageError {
    const state = { connectionMade, aborted: signal.aborted, reason: signal.reason };
    return connectionError(cause, { ...state, host: this.#options.baseURL.host, secrets: secretsOf(this.#options) });
  }

  /** A 2xx that is not the answer of this service. */
  strange(outcome: ImageErrorOutcome): ImageError {
    const said = say('batch-strange', { host: this.#options.baseURL.host });
    const retryable = outcome !== 'unknown';
    // Not `bad-response`, which after a few pictures that came in part would count as lost, and be paid again.
    const kind = retryable ? 'unavailable' : 'bad-response';
    return new ImageError({ kind, outcome, backend: 'openai', retryable, ...said });
  }
}

/** Nothing was sent that costs anything. */
export function unsent(cause: unknown): ImageError {
  const kind = ImageError.isInstance(cause) && cause.kind === 'timeout' ? 'timeout' : 'aborted';
  return new ImageError({ kind, outcome: 'not-submitted', backend: 'openai', ...say('batch-unsent'), cause });
}

/** Only what the service itself refused is certain not to run. */
function createRefusal(error: ImageError, status: number): ImageError {
  if (error.outcome === 'rejected' && status < 500) return error;
  return ImageError.with(error, { kind: 'unavailable', outcome: 'unknown', retryable: false });
}

/** A refusal of a call that costs nothing says nothing about money. */
function freeRefusal(error: ImageError, outcome: ImageErrorOutcome): ImageError {
  if (outcome === 'not-submitted' && error.outcome === 'rejected') return error;
  if (error.kind === 'auth' && outcome === 'accepted') return ImageError.with(error, { outcome, retryable: false });
  const kind = error.kind === 'rate-limit' ? 'rate-limit' : 'unavailable';
  return ImageError.with(error, { kind, outcome, retryable: true });
}

async function readJson(body: Readable): Promise<Record<string, unknown> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxJsonBytes) return undefined;
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
