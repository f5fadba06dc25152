/** The emulator of OpenAI Images and of servers that resemble it. */
import { timingSafeEqual } from 'node:crypto';
import type { BaseServer } from '../base/base-server.ts';
import { startBaseServer } from '../base/base-server.ts';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import type { Exchange } from '../base/exchange.ts';
import { FaultPlan } from '../base/fault-plan.ts';
import type { FaultInput } from '../base/fault.ts';
import { Ledger } from '../base/ledger.ts';
import { createRandom } from '../base/random.ts';
import { BatchBoard } from './batch/batch-board.ts';
import { batchOperation, batchOperations, BatchRoutes } from './batch/batch-routes.ts';
import { viewOf } from './batch/batch.ts';
import type { CreatedBatch } from './batch/batch.ts';
import { FileStore } from './batch/file-store.ts';
import type { StoredFile } from './batch/file-store.ts';
import { ImageRate } from './image-rate.ts';
import { ImageService } from './image-service.ts';
import { defaultModels } from './model-catalogue.ts';
import type { CatalogueModel } from './model-catalogue.ts';
import { openaiFaultKinds } from './openai-faults.ts';
import type { OpenAIFaultKind } from './openai-faults.ts';
import { refusal } from './openai-refusal.ts';
import type { OpenAIRefusal } from './openai-refusal.ts';
import { defaultOpenAISettings, openaiRules } from './openai-settings.ts';
import { changeSettings } from '../base/settings.ts';
import type { OpenAISettings } from './openai-settings.ts';
import { profileServer } from './profile-servers.ts';
import { RequestLog } from './request-log.ts';
import type { LoggedRequest } from './request-log.ts';
import { UrlStore } from './url-store.ts';

/** What `startOpenAIEmulator` takes. */
export interface OpenAIEmulatorOptions extends Partial<OpenAISettings> {
  /** Default: any free port. */
  port?: number;
  /** The key that is accepted; null accepts every request.  Default `sk-emulator-openai-key`; null for `sdcpp`. */
  apiKey?: string | null;
  /** Models that the key sees. Default: those of late 2026. */
  models?: readonly CatalogueModel[];
  /** Faults from the start. */
  faults?: readonly FaultInput<OpenAIFaultKind>[];
  /** Seeds durations and faults by rate. Default 1. */
  randomSeed?: number;
  /** Time of requests, rates and addresses. Default: the machine's clock. */
  clock?: Clock;
}

/** A running emulator of OpenAI Images. */
export interface OpenAIEmulator {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** What a client takes as base URL: `http://127.0.0.1:PORT/v1`. */
  readonly baseURL: string;
  readonly port: number;
  /** Empty when none is needed. */
  readonly apiKey: string;
  readonly ledger: Ledger;
  /** What was sent, in order of arrival; keys are not kept. */
  readonly requests: readonly LoggedRequest[];
  /** Every batch that was created, also those that failed in validation. */
  readonly batches: readonly CreatedBatch[];
  /** The files that exist now, the newest first. */
  readonly files: readonly StoredFile[];
  /** The settings in force. */
  readonly settings: OpenAISettings;
  /**
   * Replaces all faults. Operations: `generate`, `edit`, `models`, `download`; `upload`, `list-files`, `file`, `content`,
   * `delete-file`, `create-batch`, `list-batches`, `batch`, `cancel-batch`, and `line` for one line of a batch.
   */
  setFaults(faults: readonly FaultInput<OpenAIFaultKind>[]): void;
  /** Changes settings. @throws {TypeError} */
  set(settings: Partial<OpenAISettings>): void;
  /** Ends every batch that runs, with all its lines answered. */
  endBatches(): void;
  /** Drops every connection, as a crash would. */
  restart(): void;
  /** Forgets requests, pictures, faults and figures; settings stay. */
  reset(): void;
  close(): Promise<void>;
}

/**
 * Starts OpenAI Images on 127.0.0.1: generations (JSON), edits (multipart or JSON), event streams, files, batches,
 * models. Prompts with `__illegal__` are refused by moderation; with `__illegal_output__` the finished picture is.
 *
 * ```ts
 * const emulator = await startOpenAIEmulator({ imageMs: 300 });
 * // OPENAI_BASE_URL=emulator.baseURL, OPENAI_API_KEY=emulator.apiKey
 * await emulator.close();
 * ```
 * @throws {TypeError} for a setting or fault that does not exist or has a wrong value.
 */
export async function startOpenAIEmulator(options: OpenAIEmulatorOptions = {}): Promise<OpenAIEmulator> {
  const { port = 0, models = defaultModels, faults = [], randomSeed = 1, clock = systemClock, ...rest } = options;
  const { apiKey = rest.server === 'sdcpp' ? null : 'sk-emulator-openai-key', ...initial } = rest;
  let settings = changeSettings(openaiRules, defaultOpenAISettings, initial);
  let spent = 0;
  const ledger = new Ledger();
  const plan = new FaultPlan<OpenAIFaultKind>({
    kinds: openaiFaultKinds,
    operations: ['generate', 'edit', 'models', 'download', ...batchOperations],
    seed: randomSeed,
  });
  plan.set(faults);
  const log = new RequestLog();
  const rate = new ImageRate(clock);
  const urls = new UrlStore(clock);
  const files = new FileStore(clock);
  let server: BaseServer | undefined;
  const restart = (except?: Parameters<BaseServer['dropConnections']>[0]): void => server?.dropConnections(except);
  const spend = (images: number): boolean => {
    if (settings.credit !== undefined && spent + images > settings.credit) return false;
    spent += images;
    return true;
  };
  const images = new ImageService({
    ledger,
    plan,
    settings: () => settings,
    models,
    rate,
    urls,
    log,
    clock,
    random: createRandom(randomSeed),
    spend,
    restart: () => restart(),
    fileOf: (id) => files.get(id),
  });
  const board = new BatchBoard({ ledger, settings: () => settings, files, images, clock });
  const batches = new BatchRoutes({ ledger, plan, settings: () => settings, files, board, log, clock });
  const handle = async (exchange: Exchange): Promise<void> => {
    const { request, url } = exchange;
    const route = `${request.method} ${url.pathname.replace(/^\/v1\b/, '')}`;
    const operation = operationOf(route, settings);
    const batch =
      settings.server === 'openai'
        ? batchOperation(request.method ?? '', url.pathname.replace(/^\/v1\b/, ''))
        : undefined;
    const isModels = /^GET (?:\/images)?\/models(?:\/|$)/.test(route);
    if (operation === undefined && batch === undefined && !isModels) {
      await exchange.readBody(0);
      if (url.pathname.startsWith('/generated-images/')) await download(exchange);
      else await unknownPath(exchange, settings);
      return;
    }
    if (isModels) log.add('GET', url.pathname, request.headers);
    if (apiKey !== null && !hasKey(request.headers.authorization, apiKey)) {
      await exchange.readBody(0);
      if (operation !== undefined) ledger.submissions += 1;
      ledger.refuse('invalid_api_key', operation !== undefined);
      await refuse(exchange, refusal('invalid_api_key'));
    } else if (operation !== undefined) {
      await images.handle(exchange, operation);
    } else if (batch !== undefined) {
      await batches.handle(exchange, batch);
    } else {
      const fault = plan.take('models', url.pathname);
      if (fault !== undefined) ledger.strike(fault.kind);
      ledger.polls += 1;
      if (fault?.kind === 'refuse') await refuse(exchange, refusal(fault.code ?? 'server_error', faultChanges(fault)));
      else if (!(await exchange.strikeBefore(fault))) await answerModels(exchange, models, settings, fault);
    }
  };
  const download = async (exchange: Exchange): Promise<void> => {
    log.add(exchange.request.method ?? '', exchange.url.pathname, exchange.request.headers);
    const picture = urls.get(exchange.url);
    const fault = plan.take('download', exchange.url.pathname);
    if (fault !== undefined) ledger.strike(fault.kind);
    if (await exchange.strikeBefore(fault)) return;
    if (picture === undefined || picture === 'expired' || fault?.kind === 'expire-url') {
      const headers = { 'content-type': 'text/plain' };
      await exchange.reply({ status: picture === undefined ? 404 : 403, headers, body: 'Access denied.' });
      return;
    }
    const whole = await exchange.reply(
      { status: 200, headers: { 'content-type': picture.type }, body: picture.content },
      fault,
    );
    if (whole) ledger.deliver(picture.requestId, picture.index);
  };
  const set = (changes: Readonly<Record<string, unknown>>): void => {
    if ('credit' in changes) spent = 0;
    settings = changeSettings(openaiRules, settings, changes);
  };
  const reset = (): void => {
    log.requests.length = 0;
    spent = 0;
    urls.clear();
    files.clear();
    board.batches.length = 0;
    rate.clear();
    plan.set([]);
    ledger.reset();
  };
  const control = { ledger, faults: plan, settings: () => ({ ...settings }), set, restart, reset };
  const started = await startBaseServer({ port, clock, handle, control });
  server = started;
  return {
    url: started.url,
    baseURL: `${started.url}/v1`,
    port: started.port,
    apiKey: apiKey ?? '',
    ledger,
    requests: log.requests,
    get batches() {
      return board.batches.map(viewOf);
    },
    endBatches: () => board.endAll(),
    get files() {
      return files.list();
    },
    get settings() {
      return settings;
    },
    setFaults: (input) => plan.set(input),
    set: (changes) => set({ ...changes }),
    restart: () => restart(),
    reset,
    close: () => started.close(),
  };
}

const operations: Readonly<Record<string, 'generate' | 'edit'>> = {
  'POST /images/generations': 'generate',
  'POST /images/edits': 'edit',
};

/** Some servers have paths of their own, and no others. */
function operationOf(route: string, settings: OpenAISettings): 'generate' | 'edit' | undefined {
  const own = profileServer(settings.server);
  if (own === undefined) return operations[route];
  if (route === `POST ${own.generate}`) return 'generate';
  return route === `POST ${own.edit}` ? 'edit' : undefined;
}

function hasKey(authorization: string | undefined, apiKey: string): boolean {
  const given = Buffer.from(authorization ?? '');
  const wanted = Buffer.from(`Bearer ${apiKey}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function faultChanges(fault: { message?: string; status?: number; headers?: Record<string, string> }): object {
  const { message, status, headers } = fault;
  return Object.fromEntries(Object.entries({ message, status, headers }).filter(([, value]) => value !== undefined));
}

async function refuse(exchange: Exchange, error: OpenAIRefusal): Promise<void> {
  const headers = { 'content-type': 'application/json', ...error.headers };
  await exchange.reply({ status: error.status, headers, body: error.body() });
}

/** Unknown paths are a bare 404, before any key is looked at. */
async function unknownPath(exchange: Exchange, settings: OpenAISettings): Promise<void> {
  const isVariations = exchange.url.pathname.endsWith('/images/variations');
  if (isVariations && settings.variationsStatus === 410) {
    const message = 'The variations endpoint was retired.';
    await refuse(exchange, refusal('endpoint_retired', { status: 410, message }));
    return;
  }
  await exchange.reply({ status: 404 });
}

async function answerModels(
  exchange: Exchange,
  models: readonly CatalogueModel[],
  settings: OpenAISettings,
  fault: Parameters<Exchange['reply']>[1],
): Promise<void> {
  if (!settings.mayListModels) {
    await refuse(exchange, refusal('organization_not_verified', { message: 'Missing scopes: api.model.read' }));
    return;
  }
  const json = (value: unknown): Promise<boolean> =>
    exchange.reply(
      { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) },
      fault,
    );
  if (settings.server === 'sdcpp') {
    await json({ data: [{ id: 'sd-cpp-local', object: 'model', owned_by: 'local' }] });
    return;
  }
  const full = models.map((model) => ({ ...model, object: 'model', owned_by: 'system' }));
  const id = decodeURIComponent(exchange.url.pathname.replace(/^.*\/models\/?/, ''));
  if (id === '') {
    await json({ object: 'list', data: full });
    return;
  }
  const found = full.find((model) => model.id === id);
  if (found !== undefined) await json(found);
  else
    await refuse(
      exchange,
      refusal('model_not_found', { param: 'model', message: `The model '${id}' does not exist.` }),
    );
}
