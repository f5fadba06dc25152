/** The batches of the account: what is charged, and what their files hold. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { createRandom, drawDuration, hashToSeed } from '../../base/random.ts';
import type { Ledger } from '../../base/ledger.ts';
import type { ImageService } from '../image-service.ts';
import { OpenAIRefusal } from '../openai-refusal.ts';
import type { OpenAISettings } from '../openai-settings.ts';
import { isAnswered, isOver, statusAt } from './batch.ts';
import type { Batch, BatchFault, BatchLine } from './batch.ts';
import { readBatchInput } from './batch-input.ts';
import { readFile } from './file-store.ts';
import type { FileStore, StoredFile } from './file-store.ts';

export interface BatchBoardParts {
  readonly ledger: Ledger;
  readonly settings: () => OpenAISettings;
  readonly files: FileStore;
  readonly images: ImageService;
  readonly clock: Clock;
}

/** Pictures cost half as much in a batch. */
const priceShare = 0.5;

export const batchEndpoints = { '/v1/images/generations': 'generate', '/v1/images/edits': 'edit' } as const;

export class BatchBoard {
  /** In order of creation. */
  readonly batches: Batch[] = [];
  readonly #parts: BatchBoardParts;

  constructor(parts: BatchBoardParts) {
    this.#parts = parts;
  }

  async create(file: StoredFile, endpoint: keyof typeof batchEndpoints, metadata: Batch['metadata']): Promise<Batch> {
    const { settings, clock } = this.#parts;
    const text = (await readFile(file)).toString('utf8');
    const { lines: inputs, errors } = readBatchInput(text, endpoint);
    const { batchMs, batchLifeMs, enqueuedTokens } = settings();
    const tokens = inputs.reduce((sum, { body }) => sum + Math.ceil(String(body['prompt']).length / 3), 0);
    const full = enqueuedTokens !== undefined && this.#queued() + tokens > enqueuedTokens;
    const problems: readonly BatchFault[] = full ? [tooManyTokens(enqueuedTokens)] : errors;
    const lines: BatchLine[] = [];
    if (problems.length === 0) {
      for (const input of inputs) lines.push(await this.#take(input.customId, input.body, batchEndpoints[endpoint]));
    }
    const batch: Batch = {
      id: `batch_${randomUUID().replaceAll('-', '')}`,
      inputFileId: file.id,
      endpoint,
      model: lines[0]?.call?.model ?? '',
      metadata,
      lines: shuffled(lines, hashToSeed(file.id)),
      errors: problems,
      tokens,
      createdAtMs: clock.now(),
      durationMs: drawDuration(batchMs, this.batches.length, createRandom(this.batches.length + 1)),
      lifeMs: batchLifeMs,
    };
    this.batches.push(batch);
    return batch;
  }

  /** The batch as the service shows it; makes its files when it has ended. */
  show(batch: Batch): Record<string, unknown> {
    const { clock } = this.#parts;
    const now = clock.now();
    const status = statusAt(batch, now);
    if (isOver(status)) this.#file(batch);
    const done = batch.lines.filter((_, index) => isAnswered(batch, index, now));
    const failed = done.filter((line) => this.#isError(line)).length;
    return {
      id: batch.id,
      object: 'batch',
      endpoint: batch.endpoint,
      model: batch.model,
      input_file_id: batch.inputFileId,
      completion_window: '24h',
      status,
      created_at: Math.floor(batch.createdAtMs / 1000),
      metadata: batch.metadata,
      errors: status === 'failed' ? { object: 'list', data: batch.errors } : null,
      output_file_id: batch.outputFileId ?? null,
      error_file_id: batch.errorFileId ?? null,
      request_counts: { total: batch.lines.length, completed: done.length - failed, failed },
    };
  }

  /** Ends every batch that still runs, with all its lines answered. */
  endAll(): void {
    const now = this.#parts.clock.now();
    for (const batch of this.batches) batch.durationMs = Math.min(batch.durationMs, now - batch.createdAtMs);
  }

  cancel(batch: Batch): void {
    if (!isOver(statusAt(batch, this.#parts.clock.now()))) batch.cancelledAtMs ??= this.#parts.clock.now();
  }

  /** Reads a line's request; what is made is charged at once, so that a second batch of one file shows. */
  async #take(customId: string, body: Record<string, unknown>, operation: 'generate' | 'edit'): Promise<BatchLine> {
    const requestId = `req_${randomUUID().replaceAll('-', '')}`;
    try {
      const { call, fault } = await this.#parts.images.takeLine(operation, body, requestId, priceShare);
      return { customId, requestId, call, ...(fault === undefined ? {} : { fault }) };
    } catch (error) {
      if (!(error instanceof OpenAIRefusal)) throw error;
      return { customId, requestId, refusal: error };
    }
  }

  /** The files of an ended batch. Lines that were not answered are not charged for. */
  #file(batch: Batch): void {
    const { files, ledger, clock } = this.#parts;
    if (batch.filed === true) return;
    batch.filed = true;
    const now = clock.now();
    const good: BatchLine[] = [];
    const bad: BatchLine[] = [];
    const left: BatchLine[] = [];
    for (const [index, line] of batch.lines.entries()) {
      if (!isAnswered(batch, index, now)) left.push(line);
      else if (line.fault?.kind !== 'lose-job') (this.#isError(line) ? bad : good).push(line);
    }
    for (const { requestId } of [...left, ...bad]) ledger.bill(requestId, -(ledger.entry(requestId)?.billed ?? 0));
    const stopped = statusAt(batch, now) === 'expired' ? 'batch_expired' : 'batch_cancelled';
    const add = (name: string, content: StoredFile['content']): string =>
      files.add({ filename: `${batch.id}_${name}.jsonl`, purpose: 'batch_output', bytes: 0, content }).id;
    if (good.length > 0) batch.outputFileId = add('output', () => this.#answers(good));
    if (bad.length + left.length > 0) {
      batch.errorFileId = add('error', () => this.#answers(bad, left, stopped));
    }
  }

  async *#answers(lines: readonly BatchLine[], left: readonly BatchLine[] = [], code = ''): AsyncGenerator<Buffer> {
    const { images, ledger } = this.#parts;
    for (const line of lines) {
      const { customId, requestId, call } = line;
      const { status, body } = await images.answerLine(line);
      yield Buffer.from(
        `{"id":"batch_${requestId}","custom_id":${JSON.stringify(customId)},"response":` +
          `{"status_code":${status},"request_id":"${requestId}","body":${body}},"error":null}\n`,
      );
      if (status === 200) for (let image = 0; image < (call?.count ?? 0); image += 1) ledger.deliver(requestId, image);
    }
    for (const { customId, requestId } of left) {
      const error = { code, message: 'This request was not run before the batch ended.' };
      const answer = { id: `batch_${requestId}`, custom_id: customId, response: null, error };
      yield Buffer.from(`${JSON.stringify(answer)}\n`);
    }
  }

  #isError({ refusal, call, fault }: BatchLine): boolean {
    return refusal !== undefined || this.#parts.images.fails(call, fault);
  }

  #queued(): number {
    const now = this.#parts.clock.now();
    return this.batches.reduce((sum, batch) => sum + (isOver(statusAt(batch, now)) ? 0 : batch.tokens), 0);
  }
}

function tooManyTokens(limit: number): BatchFault {
  const message = `Enqueued token limit reached. Limit: ${limit} enqueued tokens. Try again once other batches are done.`;
  return { code: 'token_limit_exceeded', line: null, message, param: null };
}

/** The order of outputs is not that of inputs. */
function shuffled(lines: readonly BatchLine[], seed: number): readonly BatchLine[] {
  const random = createRandom(seed);
  return lines
    .map((line) => ({ line, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ line }) => line);
}
