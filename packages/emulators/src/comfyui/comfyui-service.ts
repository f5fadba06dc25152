/** The server's HTTP routes. Every one is also under `/api`; the jobs routes only there. */
import type { Clock } from '../base/clock.ts';
import type { Exchange, Reply } from '../base/exchange.ts';
import type { FaultEffect } from '../base/fault.ts';
import type { FaultPlan } from '../base/fault-plan.ts';
import { isRecord } from '../base/is-record.ts';
import type { Ledger } from '../base/ledger.ts';
import { answerJobs, historyStatus } from './jobs-route.ts';
import { answerPrompt, describeGraph, loadedPictures } from './prompt-route.ts';
import { answerUpload, answerView } from './file-routes.ts';
import { isForeignOrigin } from './origin-check.ts';
import { jobTuple } from './job-queue.ts';
import { nodeDefinitions, objectInfo } from './node-definitions.ts';
import { describeFiles, features, modelFolders, systemStats } from './server-info.ts';
import { Version } from './comfyui-settings.ts';
import type { ComfyUISettings } from './comfyui-settings.ts';
import type { FileStore } from './file-store.ts';
import type { HistoryEntry, JobQueue } from './job-queue.ts';
import type { JobRunner } from './job-runner.ts';

export interface ComfyUIServiceOptions {
  readonly queue: JobQueue;
  readonly runner: JobRunner;
  readonly files: FileStore;
  readonly ledger: Ledger;
  readonly plan: FaultPlan;
  readonly clock: Clock;
  readonly settings: () => ComfyUISettings;
  readonly broadcastStatus: () => void;
  readonly restart: (exchange: Exchange) => void;
}

const exception: Reply = {
  status: 500,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: '500 Internal Server Error\n\nServer got itself in trouble',
};
const empty: Reply = { status: 200 };

function json(body: unknown, status = 200): Reply {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}

/** Operations that faults can name. */
export const comfyuiOperations: readonly string[] = [
  'submit',
  'upload',
  'history',
  'queue',
  'jobs',
  'view',
  'cancel',
  'info',
  'run',
];

export class ComfyUIService {
  readonly #options: ComfyUIServiceOptions;
  #number = 0;

  constructor(options: ComfyUIServiceOptions) {
    this.#options = options;
  }

  /** Numbers start again at 0, as after a restart. */
  restartNumbers(): void {
    this.#number = 0;
  }

  async handle(exchange: Exchange): Promise<void> {
    const { settings, plan, ledger } = this.#options;
    const { request, url } = exchange;
    const body = await exchange.readBody(settings().maxUploadBytes);
    if (isForeignOrigin(request.headers, new Version(settings().version))) {
      await exchange.reply({ status: 403 });
      return;
    }
    if (body === undefined) {
      await exchange.reply(tooLarge(settings().maxUploadBytes, request.headers['content-length']));
      return;
    }
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
    if (method === 'OPTIONS') {
      await exchange.reply(empty);
      return;
    }
    const path = url.pathname;
    const operation = operationOf(method, path);
    const fault =
      operation === undefined
        ? undefined
        : plan.take(operation, `${path} ${url.search} ${body.toString('utf8', 0, 10_000)}`);
    if (operation === 'submit') ledger.submissions += 1;
    if (fault !== undefined) ledger.strike(fault.kind);
    if (fault?.kind === 'restart') {
      this.#options.restart(exchange);
      exchange.reset();
      return;
    }
    if (fault?.kind === 'refuse') {
      ledger.refuse(fault.code ?? 'refused');
      await exchange.reply(refusal(fault));
      return;
    }
    if (fault?.kind === 'expire-url') {
      await exchange.reply({ status: 404 });
      return;
    }
    if (await exchange.strikeBefore(fault)) return;
    if (path.startsWith('/api/jobs')) await this.#jobs(exchange, method, path.slice('/api/jobs'.length), body, fault);
    else await this.#route(exchange, method, path.replace(/^\/api(?=\/)/, ''), body, fault);
  }

  async #jobs(
    exchange: Exchange,
    method: string,
    path: string,
    body: Buffer,
    fault: FaultEffect | undefined,
  ): Promise<void> {
    const { settings, queue, ledger, runner } = this.#options;
    const version = new Version(settings().version);
    ledger.polls += method === 'GET' ? 1 : 0;
    const answer = version.atLeast(0, 6)
      ? answerJobs(method, path, exchange.url.searchParams, parseJson(body), {
          queue,
          version,
          cancel: (id) => this.#deletePending(id) || runner.interrupt(id),
        })
      : undefined;
    if (answer !== undefined) await exchange.reply(json(answer.body, answer.status), fault);
    else
      await exchange.reply(
        method === 'GET' ? { status: 404, headers: { 'content-type': 'application/octet-stream' } } : methodNotAllowed,
        fault,
      );
  }

  async #route(
    exchange: Exchange,
    method: string,
    path: string,
    body: Buffer,
    fault: FaultEffect | undefined,
  ): Promise<void> {
    const { files, clock, queue, ledger } = this.#options;
    const { request, url } = exchange;
    switch (`${method} ${path}`) {
      case 'POST /prompt':
        await this.#prompt(exchange, body, fault);
        return;
      case 'GET /view': {
        const { reply, file } = await answerView(
          url.searchParams,
          { range: request.headers.range, ifNoneMatch: request.headers['if-none-match'] },
          files,
        );
        const whole = await exchange.reply(reply, fault);
        if (whole && reply.status === 200 && request.method === 'GET' && file?.jobId !== undefined)
          ledger.deliver(file.jobId);
        return;
      }
      case 'POST /upload/image':
      case 'POST /upload/mask': {
        const reply = answerUpload(
          request.headers['content-type'] ?? '',
          body,
          files,
          clock.now(),
          path === '/upload/mask',
        );
        await exchange.reply(reply === 'exception' ? exception : reply, fault);
        return;
      }
      case 'GET /queue':
        ledger.polls += 1;
        await exchange.reply(
          json({
            queue_running: queue.running === undefined ? [] : [jobTuple(queue.running)],
            queue_pending: queue.pending.map(jobTuple),
          }),
          fault,
        );
        return;
      default:
        await exchange.reply(this.#small(method, path, url.searchParams, body), fault);
    }
  }

  /** Routes whose answers need nothing but the request. */
  #small(method: string, path: string, query: URLSearchParams, body: Buffer): Reply {
    const { queue, settings, runner, ledger } = this.#options;
    const data = parseJson(body);
    if (method === 'GET' && (path === '/history' || path.startsWith('/history/'))) {
      ledger.polls += 1;
      return this.#history(path.slice('/history/'.length), query);
    }
    if (method === 'GET' && (path === '/object_info' || path.startsWith('/object_info/')))
      return this.#objectInfo(path.slice('/object_info/'.length));
    if (method === 'GET' && path.startsWith('/view_metadata/')) {
      const hash = settings().modelHashes[query.get('filename') ?? ''];
      return hash === undefined ? { status: 404 } : json({ 'modelspec.hash_sha256': hash });
    }
    const listed = method === 'GET' ? /^(\/experiment)?\/models\/(.*)$/.exec(path) : null;
    if (listed !== null) {
      const folder = modelFolders(settings().models)[listed[2]!];
      if (folder === undefined) return { status: 404 };
      return json(listed[1] === undefined ? folder : describeFiles(folder, settings().modelBytes));
    }
    switch (`${method} ${path}`) {
      case 'GET /prompt':
        return json({ exec_info: { queue_remaining: queue.remaining } });
      case 'GET /system_stats':
        return json(systemStats(settings()));
      case 'GET /features':
        return json(features(new Version(settings().version), settings().maxUploadBytes));
      case 'GET /models':
        return json(Object.keys(modelFolders(settings().models)));
      case 'GET /embeddings':
      case 'GET /extensions':
        return json([]);
      case 'POST /queue':
        return isRecord(data) ? this.#changeQueue(data) : exception;
      case 'POST /history':
        return isRecord(data) ? this.#changeHistory(data) : exception;
      case 'POST /interrupt': {
        const id = isRecord(data) && new Version(settings().version).atLeast(0, 3, 57) ? data['prompt_id'] : undefined;
        runner.interrupt(typeof id === 'string' ? id : undefined);
        return empty;
      }
      case 'POST /free':
        if (!isRecord(data)) return exception;
        runner.clearCache();
        return empty;
      case 'GET /ws':
        return {
          status: 400,
          headers: { 'content-type': 'text/plain; charset=utf-8' },
          body: 'No WebSocket UPGRADE hdr: None\n Can "Upgrade" only to "WebSocket".',
        };
      default:
        // The server looks for an unknown path among its page's files, which are there to be read only.
        return method === 'GET'
          ? { status: 404, headers: { 'content-type': 'application/octet-stream' } }
          : methodNotAllowed;
    }
  }

  async #prompt(exchange: Exchange, body: Buffer, fault: FaultEffect | undefined): Promise<void> {
    const { settings, files, queue, ledger, clock, runner, broadcastStatus } = this.#options;
    const answer = answerPrompt(parseJson(body), {
      version: settings().version,
      definitions: nodeDefinitions(settings().models),
      files,
      now: clock.now(),
      takeNumber: () => this.#number++,
    });
    if (answer.status !== 200) {
      ledger.refuse(answer.status === 400 ? answer.error.type : 'exception');
      await exchange.reply(
        answer.status === 400 ? json({ error: answer.error, node_errors: answer.nodeErrors }, 400) : exception,
        fault,
      );
      return;
    }
    const { job } = answer;
    ledger.accept({
      id: job.id,
      acceptedAtMs: clock.now(),
      billed: 0,
      ...describeGraph(job.graph),
      references: loadedPictures(job.graph, files),
      ...(job.clientId === undefined ? {} : { account: job.clientId }),
    });
    queue.push(job);
    ledger.observeRunning(queue.remaining);
    broadcastStatus();
    // The worker takes it in its own thread, in practice after the answer has left.
    setImmediate(() => runner.wake());
    await exchange.reply(json({ prompt_id: job.id, number: job.number, node_errors: answer.nodeErrors }), fault);
  }

  #history(id: string, query: URLSearchParams): Reply {
    const { history } = this.#options.queue;
    if (id !== '') {
      const entry = history.get(decodeURIComponent(id));
      return json(entry === undefined ? {} : { [entry.job.id]: historyEntry(entry) });
    }
    const numbers = ['max_items', 'offset'].map((name) => (query.has(name) ? Number(query.get(name)) : undefined));
    if (numbers.some((number) => number !== undefined && !Number.isInteger(number))) return exception;
    const [maxItems, offset] = numbers;
    const all = [...history.values()];
    const start =
      offset === undefined
        ? Math.max(0, all.length - (maxItems ?? all.length))
        : offset < 0
          ? Math.max(0, all.length + offset)
          : offset;
    const page = all.slice(start, maxItems === undefined ? undefined : start + maxItems);
    return json(Object.fromEntries(page.map((entry) => [entry.job.id, historyEntry(entry)])));
  }

  #objectInfo(name: string): Reply {
    const definitions = nodeDefinitions(this.#options.settings().models);
    const inputs = this.#options.files.list('input');
    const wanted =
      name === ''
        ? Object.keys(definitions)
        : [decodeURIComponent(name)].filter((one) => Object.hasOwn(definitions, one));
    return json(Object.fromEntries(wanted.map((one) => [one, objectInfo(one, definitions[one]!, inputs)])));
  }

  #changeQueue(data: Readonly<Record<string, unknown>>): Reply {
    const { queue } = this.#options;
    const listed = Array.isArray(data['delete']) ? data['delete'].map(String) : [];
    const ids = data['clear'] === true ? queue.pending.map((job) => job.id) : listed;
    for (const id of ids) this.#deletePending(id);
    return empty;
  }

  /** No event, no history: only a status. */
  #deletePending(id: string): boolean {
    const { queue, ledger, broadcastStatus } = this.#options;
    const removed = queue.remove(id);
    if (removed) {
      const entry = ledger.entry(id);
      if (entry !== undefined) entry.state = 'cancelled';
      ledger.observeRunning(queue.remaining);
      broadcastStatus();
    }
    return removed;
  }

  #changeHistory(data: Readonly<Record<string, unknown>>): Reply {
    const { history } = this.#options.queue;
    if (data['clear'] === true) history.clear();
    for (const id of Array.isArray(data['delete']) ? data['delete'] : []) history.delete(String(id));
    return empty;
  }
}

const methodNotAllowed: Reply = {
  status: 405,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: '405: Method Not Allowed',
};

/** The server's own form of an error; `status` other than 400 for what a proxy before it would say. */
function refusal(fault: FaultEffect): Reply {
  const error = {
    type: fault.code ?? 'refused',
    message: fault.message ?? 'Refused by the emulator',
    details: '',
    extra_info: {},
  };
  const reply = json({ error, node_errors: {} }, fault.status ?? 400);
  return { ...reply, headers: { ...reply.headers, ...fault.headers } };
}

function historyEntry(entry: HistoryEntry): Record<string, unknown> {
  return { prompt: jobTuple(entry.job), outputs: entry.outputs, status: historyStatus(entry), meta: entry.meta };
}

function tooLarge(limit: number, length: string | undefined): Reply {
  const body = `Maximum request body size ${limit} exceeded, actual body size ${length ?? limit + 1}`;
  return { status: 413, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

function operationOf(method: string, path: string): string | undefined {
  const route = path.replace(/^\/api(?=\/)/, '');
  if (method === 'POST' && route === '/prompt') return 'submit';
  if (route.startsWith('/upload/')) return 'upload';
  if (route.startsWith('/history')) return 'history';
  if (route === '/view') return 'view';
  if (route === '/interrupt' || (method === 'POST' && (route === '/queue' || route.startsWith('/jobs'))))
    return 'cancel';
  if (route === '/queue') return 'queue';
  return route.startsWith('/jobs') ? 'jobs' : 'info';
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
