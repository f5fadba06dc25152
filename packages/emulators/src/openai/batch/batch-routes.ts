/** `/v1/files` and `/v1/batches`. */
import type { Clock } from '../../base/clock.ts';
import type { Exchange } from '../../base/exchange.ts';
import type { FaultEffect } from '../../base/fault.ts';
import type { FaultPlan } from '../../base/fault-plan.ts';
import { isRecord } from '../../base/is-record.ts';
import type { Ledger } from '../../base/ledger.ts';
import { parseMultipart } from '../../base/multipart-body.ts';
import { faultRefusal } from '../image-service.ts';
import type { OpenAIFaultKind } from '../openai-faults.ts';
import { invalidValue, OpenAIRefusal, refusal } from '../openai-refusal.ts';
import type { OpenAISettings } from '../openai-settings.ts';
import type { RequestLog } from '../request-log.ts';
import { batchEndpoints } from './batch-board.ts';
import type { BatchBoard } from './batch-board.ts';
import type { FileStore, StoredFile } from './file-store.ts';

/** What can be struck by a fault here. `line` strikes one line of a batch, by its prompt. */
export const batchOperations = [
  'upload',
  'list-files',
  'file',
  'content',
  'delete-file',
  'create-batch',
  'list-batches',
  'batch',
  'cancel-batch',
  'line',
] as const;

type BatchOperation = (typeof batchOperations)[number];
type Fault = FaultEffect<OpenAIFaultKind> | undefined;

export interface BatchRoutesParts {
  readonly ledger: Ledger;
  readonly plan: FaultPlan<OpenAIFaultKind>;
  readonly settings: () => OpenAISettings;
  readonly files: FileStore;
  readonly board: BatchBoard;
  readonly log: RequestLog;
  readonly clock: Clock;
}

const maxFileBytes = 512_000_000;
const maxInputBytes = 200_000_000;
const listDefaults = { files: 10_000, batches: 20 } as const;

/** Which operation a request is; undefined: it is for another part of the service. */
export function batchOperation(method: string, path: string): BatchOperation | undefined {
  const [root, id, last] = path.split('/').slice(1);
  const route = `${method} ${root}${id === undefined ? '' : '/id'}${last === undefined ? '' : `/${last}`}`;
  return routes[route];
}

const routes: Readonly<Record<string, BatchOperation>> = {
  'POST files': 'upload',
  'GET files': 'list-files',
  'GET files/id': 'file',
  'GET files/id/content': 'content',
  'DELETE files/id': 'delete-file',
  'POST batches': 'create-batch',
  'GET batches': 'list-batches',
  'GET batches/id': 'batch',
  'POST batches/id/cancel': 'cancel-batch',
};

export class BatchRoutes {
  readonly #parts: BatchRoutesParts;

  constructor(parts: BatchRoutesParts) {
    this.#parts = parts;
  }

  async handle(exchange: Exchange, operation: BatchOperation): Promise<void> {
    const { plan, ledger, log } = this.#parts;
    const { request, url } = exchange;
    const body = await exchange.readBody(maxFileBytes);
    log.add(request.method ?? '', url.pathname, request.headers);
    if (operation === 'create-batch') ledger.submissions += 1;
    if (operation === 'batch') ledger.polls += 1;
    const fault = plan.take(operation, url.pathname);
    if (fault !== undefined) ledger.strike(fault.kind);
    try {
      if (fault?.kind === 'refuse') throw faultRefusal(fault);
      if (await exchange.strikeBefore(fault)) return;
      await this.#answer(exchange, operation, body, fault);
    } catch (error) {
      if (!(error instanceof OpenAIRefusal)) throw error;
      ledger.refuse(error.code ?? error.type, operation === 'create-batch');
      const headers = { 'content-type': 'application/json', ...error.headers };
      await exchange.reply({ status: error.status, headers, body: error.body() });
    }
  }

  async #answer(exchange: Exchange, operation: BatchOperation, body: Buffer | undefined, fault: Fault): Promise<void> {
    const { board, files, settings } = this.#parts;
    const id = decodeURIComponent(exchange.url.pathname.split('/')[3] ?? '');
    const json = (value: unknown, headers: Record<string, string> = {}): Promise<boolean> =>
      exchange.reply(
        { status: 200, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) },
        fault,
      );
    if (operation === 'upload') await json(showFile(this.#upload(exchange, body)));
    else if (operation === 'list-files') await json(this.#listFiles(exchange.url));
    else if (operation === 'create-batch') await json(board.show(await this.#create(body)));
    else if (operation === 'list-batches') await json(this.#listBatches(exchange.url));
    else if (operation === 'batch' || operation === 'cancel-batch') {
      const batch = board.batches.find((known) => known.id === id);
      if (batch === undefined) throw notFound(`No batch found with id '${id}'.`);
      if (operation === 'cancel-batch') board.cancel(batch);
      const { batchPollAfterMs: ms } = settings();
      await json(board.show(batch), ms === undefined ? {} : { 'openai-poll-after-ms': String(ms) });
    } else {
      const file = files.get(id);
      if (file === undefined) throw notFound(`No such File object: ${id}`);
      if (operation === 'file') await json(showFile(file));
      else if (operation === 'content') {
        await exchange.replyInPieces({ 'content-type': 'application/octet-stream' }, file.content(), fault);
      } else {
        files.delete(id);
        await json({ id, object: 'file', deleted: true });
      }
    }
  }

  #upload(exchange: Exchange, body: Buffer | undefined): StoredFile {
    const { files, clock } = this.#parts;
    const parts = parseMultipart(exchange.request.headers['content-type'] ?? '', body ?? Buffer.alloc(0));
    const text = (name: string): string | undefined => parts?.find((part) => part.name === name)?.content.toString();
    const file = parts?.find(({ name }) => name === 'file');
    const purpose = text('purpose');
    if (file?.filename === undefined) throw missing('file');
    if (purpose === undefined) throw missing('purpose');
    if (!['batch', 'vision', 'user_data'].includes(purpose)) throw invalidValue('purpose', 'Unknown purpose.');
    const { filename, content } = file;
    if (purpose === 'batch' && content.length > maxInputBytes) {
      throw invalidValue('file', 'The input file of a batch has at most 200 MB.');
    }
    const seconds = text('expires_after[seconds]');
    if (seconds !== undefined && !(Number(seconds) >= 3600 && Number(seconds) <= 2_592_000)) {
      throw invalidValue('expires_after[seconds]', 'Between 3600 and 2592000 seconds.');
    }
    // Files of batches live for 30 days, all others for ever.
    const life = seconds === undefined ? (purpose === 'batch' ? 2_592_000 : undefined) : Number(seconds);
    return files.add({
      filename,
      purpose,
      bytes: content.length,
      content: () => [content],
      ...(life === undefined ? {} : { expiresAtMs: clock.now() + life * 1000 }),
    });
  }

  #listFiles({ searchParams }: URL): object {
    const purpose = searchParams.get('purpose');
    const visible = this.#visible(this.#parts.files.list()).filter(
      (file) => purpose === null || file.purpose === purpose,
    );
    const ordered = searchParams.get('order') === 'asc' ? visible.toReversed() : visible;
    return page(ordered.map(showFile), searchParams, listDefaults.files);
  }

  #listBatches({ searchParams }: URL): object {
    const { board } = this.#parts;
    const newest = this.#visible(board.batches.toReversed()).map((batch) => board.show(batch));
    return page(newest, searchParams, listDefaults.batches);
  }

  /** Lists may lag behind. */
  #visible<T extends { readonly createdAtMs: number }>(all: readonly T[]): readonly T[] {
    const until = this.#parts.clock.now() - this.#parts.settings().listLagMs;
    return all.filter(({ createdAtMs }) => createdAtMs <= until);
  }

  async #create(body: Buffer | undefined): Promise<Parameters<BatchBoard['show']>[0]> {
    const { files, board } = this.#parts;
    const value = parse(body);
    const { input_file_id: fileId, endpoint, completion_window: window, metadata = {} } = value;
    if (typeof fileId !== 'string') throw missing('input_file_id');
    if (typeof endpoint !== 'string' || !Object.hasOwn(batchEndpoints, endpoint)) {
      throw invalidValue('endpoint', `Invalid value: '${String(endpoint)}'.`);
    }
    if (window !== '24h') throw invalidValue('completion_window', "Invalid value: only '24h' exists.");
    const file = files.get(fileId);
    if (file?.purpose !== 'batch') throw refusal('invalid_value', { param: 'input_file_id', message: 'No such file.' });
    return board.create(file, endpoint as keyof typeof batchEndpoints, metadata as Record<string, string>);
  }
}

function showFile(file: StoredFile): Readonly<Record<string, unknown>> {
  const { id, filename, purpose, bytes, createdAtMs, expiresAtMs } = file;
  const expires = expiresAtMs === undefined ? {} : { expires_at: Math.floor(expiresAtMs / 1000) };
  const created = Math.floor(createdAtMs / 1000);
  return { id, object: 'file', filename, purpose, bytes, created_at: created, status: 'processed', ...expires };
}

function page(all: readonly { readonly id?: unknown }[], query: URLSearchParams, fallback: number): object {
  const after = query.get('after');
  const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const limit = Number(query.get('limit') ?? fallback);
  const data = all.slice(start, start + limit);
  return { object: 'list', data, has_more: start + limit < all.length, last_id: data.at(-1)?.id ?? null };
}

function parse(body: Buffer | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body?.toString('utf8') ?? '');
    if (isRecord(value)) return value;
  } catch {
    // Refused below.
  }
  throw refusal('invalid_value', { message: 'We could not parse the JSON body of your request.' });
}

function missing(param: string): OpenAIRefusal {
  return refusal('missing_required_parameter', { param, message: `Missing required parameter: '${param}'.` });
}

function notFound(message: string): OpenAIRefusal {
  return new OpenAIRefusal({ status: 404, type: 'invalid_request_error', message });
}
