/** `POST /images/generations` and `POST /images/edits`: from the body to the answer, with the faults on the way. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Exchange, Reply } from '../base/exchange.ts';
import type { FaultEffect } from '../base/fault.ts';
import type { FaultPlan } from '../base/fault-plan.ts';
import type { Acceptance, Ledger } from '../base/ledger.ts';
import { drawDuration } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import { errorEvent, jsonAnswer, streamEvent } from './answers.ts';
import { checkCall } from './check-call.ts';
import { compatibleAnswer, readTolerantly } from './compatible-server.ts';
import { completeCall } from './image-call.ts';
import type { ImageCall } from './image-call.ts';
import type { ImageRate } from './image-rate.ts';
import { retiredModels } from './model-catalogue.ts';
import type { CatalogueModel } from './model-catalogue.ts';
import type { OpenAIFaultKind } from './openai-faults.ts';
import { OpenAIRefusal, refusal } from './openai-refusal.ts';
import type { OpenAISettings } from './openai-settings.ts';
import { makePicture, pictureSize } from './picture-maker.ts';
import { profileAnswer, profileRefusal, profileServer, readProfileCall } from './profile-servers.ts';
import { readBody, readCall } from './read-call.ts';
import type { FindFile, ReadCall } from './read-call.ts';
import type { RequestLog } from './request-log.ts';
import type { UrlStore } from './url-store.ts';

export interface ImageServiceParts {
  readonly ledger: Ledger;
  readonly plan: FaultPlan<OpenAIFaultKind>;
  readonly settings: () => OpenAISettings;
  readonly models: readonly CatalogueModel[];
  readonly rate: ImageRate;
  readonly urls: UrlStore;
  readonly log: RequestLog;
  readonly clock: Clock;
  readonly random: Random;
  /** Images that were bought since the credit was set. */
  readonly spend: (images: number) => boolean;
  readonly restart: (exchange: Exchange) => void;
  readonly fileOf: FindFile;
}

type Fault = FaultEffect<OpenAIFaultKind> | undefined;

const maxBodyBytes = 900_000_000;

export class ImageService {
  readonly #parts: ImageServiceParts;
  #running = 0;
  #index = 0;

  constructor(parts: ImageServiceParts) {
    this.#parts = parts;
  }

  async handle(exchange: Exchange, operation: 'generate' | 'edit'): Promise<void> {
    const requestId = `req_${randomUUID().replaceAll('-', '')}`;
    const { ledger, plan } = this.#parts;
    const body = await exchange.readBody(maxBodyBytes);
    ledger.submissions += 1;
    try {
      const call = await this.#read(exchange, operation, body);
      const fault = plan.take(operation, call.prompt);
      if (fault !== undefined) ledger.strike(fault.kind);
      if (fault?.kind === 'restart') this.#parts.restart(exchange);
      else if (fault?.kind === 'error-in-success') await this.#answer(exchange, requestId, faultRefusal(fault).body());
      else if (!(await exchange.strikeBefore(fault))) await this.#make(exchange, call, requestId, fault);
    } catch (error) {
      if (!(error instanceof OpenAIRefusal)) throw error;
      await this.#refuse(exchange, requestId, error);
    }
  }

  async #read(exchange: Exchange, operation: 'generate' | 'edit', body: Buffer | undefined): Promise<ImageCall> {
    const { request, url } = exchange;
    const { settings, log } = this.#parts;
    const { server } = settings();
    if (body === undefined) throw refusal('invalid_value', { message: 'The request is too large.', status: 413 });
    const contentType = request.headers['content-type'] ?? '';
    const strict = server === 'openai';
    const { fileOf } = this.#parts;
    const own = profileServer(server);
    const read = await (strict
      ? readCall(contentType, body, operation, fileOf)
      : own === undefined
        ? readTolerantly(contentType, body, operation)
        : readProfileCall(own, contentType, body, operation));
    const call = completeCall(operation, read.parameters, read.pictures, server);
    log.add(request.method ?? '', url.pathname, request.headers, read);
    if (strict) this.#check(read, call);
    return call;
  }

  #check(read: ReadCall, call: ImageCall): void {
    const { settings, models } = this.#parts;
    checkCall(read, call.operation, settings());
    if (retiredModels.has(call.model)) {
      throw refusal('model_not_found', {
        status: 410,
        param: 'model',
        message: `The model '${call.model}' was retired.`,
      });
    }
    if (!models.some(({ id }) => id === call.model)) {
      throw refusal('model_not_found', { param: 'model', message: `The model '${call.model}' does not exist.` });
    }
    if (!settings().verified) throw refusal('organization_not_verified');
  }

  /** Reads a line of a batch and charges for it. @throws {OpenAIRefusal} */
  async takeLine(
    operation: 'generate' | 'edit',
    body: Record<string, unknown>,
    requestId: string,
    priceShare: number,
  ): Promise<{ readonly call: ImageCall; readonly fault: Fault }> {
    const { ledger, plan, spend, clock, fileOf } = this.#parts;
    const read = await readBody(body, operation, fileOf);
    const call = completeCall(operation, read.parameters, read.pictures, 'openai');
    this.#check(read, call);
    const fault = plan.take('line', call.prompt);
    if (fault !== undefined) ledger.strike(fault.kind);
    if (fault?.kind === 'refuse') throw faultRefusal(fault);
    if (call.prompt.includes('__illegal__')) throw refusal('moderation_blocked');
    if (!spend(call.count)) throw refusal('credit_balance_exhausted');
    ledger.accept({ ...acceptanceOf(call, requestId, clock.now()), priceShare });
    return { call, fault };
  }

  /** Whether a line that was taken ends without a picture. */
  fails(call: ImageCall | undefined, fault: Fault): boolean {
    return call !== undefined && this.#failureOf(call, fault) !== undefined;
  }

  /** The answer to a line of a batch. Its pictures are the same each time. */
  async answerLine(line: {
    readonly requestId: string;
    readonly call?: ImageCall;
    readonly refusal?: OpenAIRefusal;
    readonly fault?: FaultEffect<OpenAIFaultKind>;
  }): Promise<{ readonly status: number; readonly body: string }> {
    const { call, requestId, fault } = line;
    const failure = line.refusal ?? (call === undefined ? undefined : this.#failureOf(call, fault));
    if (failure !== undefined) return { status: failure.status, body: failure.body() };
    if (call === undefined) throw new Error('A line has a request or a refusal.');
    const { settings, clock } = this.#parts;
    const count = fault?.kind === 'empty-list' ? 0 : call.count;
    const files = await Promise.all(
      Array.from({ length: count }, (_, index) => makePicture(call, settings(), requestId, index)),
    );
    const pictures = files.map((file) => spoilt(file, fault));
    return { status: 200, body: jsonAnswer(call, this.#size(call), pictures, Math.floor(clock.now() / 1000)) };
  }

  async #make(exchange: Exchange, call: ImageCall, requestId: string, fault: Fault): Promise<void> {
    const { ledger, rate, settings, spend, clock } = this.#parts;
    const { imagesPerMinute, imageMs } = settings();
    if (fault?.kind === 'refuse') throw faultRefusal(fault);
    if (call.prompt.includes('__illegal__')) throw refusal('moderation_blocked');
    if (imagesPerMinute !== 'off' && !rate.take(call.count, imagesPerMinute)) {
      const headers = { ...rate.headers(imagesPerMinute), 'retry-after': String(rate.secondsUntilFree()) };
      throw refusal('rate_limit_exceeded', { headers });
    }
    if (!spend(call.count)) throw refusal('credit_balance_exhausted');
    ledger.accept(acceptanceOf(call, requestId, clock.now()));
    this.#index += 1;
    this.#running += 1;
    ledger.observeRunning(this.#running);
    try {
      const ms = drawDuration(imageMs, this.#index - 1, this.#parts.random);
      if (call.partialImages !== undefined && fault?.kind !== 'json-instead-of-stream') {
        await this.#stream(exchange, call, requestId, ms, fault);
      } else {
        await clock.sleep(ms);
        await this.#whole(exchange, call, requestId, fault);
      }
    } finally {
      this.#running -= 1;
      ledger.observeRunning(this.#running);
    }
  }

  async #whole(exchange: Exchange, call: ImageCall, requestId: string, fault: Fault): Promise<void> {
    this.#throwIfFailed(call, requestId, fault);
    const { settings, urls, clock } = this.#parts;
    const count = fault?.kind === 'empty-list' ? 0 : call.count - (fault?.kind === 'fewer-images' ? 1 : 0);
    const files = await Promise.all(
      Array.from({ length: count }, (_, index) => makePicture(call, settings(), requestId, index)),
    );
    const created = Math.floor(clock.now() / 1000);
    let body: string;
    if (settings().server === 'openai') {
      body = jsonAnswer(
        call,
        this.#size(call),
        files.map((file) => spoilt(file, fault)),
        created,
      );
    } else {
      const parts = {
        call,
        files: files.map((file) => spoiltFile(file, fault)),
        created,
        requestId,
        origin: exchange.url.origin,
        urls,
        settings: settings(),
      };
      const own = profileServer(settings().server);
      body = own === undefined ? compatibleAnswer(parts) : profileAnswer(own, parts);
    }
    await this.#answer(exchange, requestId, fault?.kind === 'empty-body' ? '' : body, fault, count);
  }

  async #answer(exchange: Exchange, requestId: string, body: string, fault?: Fault, count = 0): Promise<void> {
    const { ledger } = this.#parts;
    const whole = await exchange.reply(this.#reply(200, requestId, body, 'application/json'), fault);
    const entry = ledger.entry(requestId);
    if (entry === undefined) return;
    entry.state = 'succeeded';
    if (whole) for (let image = 0; image < count; image += 1) ledger.deliver(requestId, image);
  }

  /** Partial pictures at even distances, then the finished one. */
  async #stream(exchange: Exchange, call: ImageCall, requestId: string, ms: number, fault: Fault): Promise<void> {
    const { settings, clock, ledger } = this.#parts;
    const partials = call.partialImages ?? 0;
    const size = this.#size(call);
    const picture = (await makePicture(call, settings(), requestId, 0)).toString('base64');
    const event = (partial?: number): string =>
      streamEvent(call, size, picture, Math.floor(clock.now() / 1000), partial);
    const isWholeBodyFault =
      fault !== undefined &&
      ['reset-after-accept', 'stall', 'http-status', 'truncate', 'stall-body', 'drip', 'wrong-content'].includes(
        fault.kind,
      );
    if (isWholeBodyFault) {
      await clock.sleep(ms);
      const body = [...Array.from({ length: partials }, (_, index) => event(index)), event()].join('');
      await exchange.reply(this.#reply(200, requestId, body, 'text/event-stream; charset=utf-8'), fault);
      return;
    }
    const { response } = exchange;
    response.writeHead(200, this.#reply(200, requestId, '', 'text/event-stream; charset=utf-8').headers);
    response.flushHeaders();
    for (let index = 0; index < partials; index += 1) {
      await exchange.wait(ms / (partials + 1));
      response.write(event(index));
    }
    await exchange.wait(ms / (partials + 1));
    if (fault?.kind === 'reset-in-stream') {
      exchange.reset();
      return;
    }
    const failure = this.#failureOf(call, fault);
    if (failure !== undefined) this.#fail(requestId);
    const last = failure === undefined ? event() : errorEvent(failure.body());
    const entry = ledger.entry(requestId);
    if (failure === undefined && entry !== undefined) entry.state = 'succeeded';
    response.end(fault?.kind === 'no-completed-event' ? '' : last);
    if (failure === undefined && fault === undefined && !exchange.signal.aborted) ledger.deliver(requestId);
  }

  /** Why the job ends without a picture, if it does. */
  #failureOf(call: ImageCall, fault: Fault): OpenAIRefusal | undefined {
    if (call.prompt.includes('__illegal_output__')) {
      const details = { moderation_details: { moderation_stage: 'output', categories: ['violence'] } };
      return refusal('moderation_blocked', { details });
    }
    const fails = fault?.kind === 'fail-job' || fault?.kind === 'error-event';
    return fails ? faultRefusal({ code: 'server_error', ...fault }) : undefined;
  }

  #throwIfFailed(call: ImageCall, requestId: string, fault: Fault): void {
    const failure = this.#failureOf(call, fault);
    if (failure === undefined) return;
    this.#fail(requestId);
    throw failure;
  }

  /** A failed job is not charged for. */
  #fail(requestId: string): void {
    const { ledger } = this.#parts;
    const entry = ledger.entry(requestId);
    if (entry === undefined) return;
    entry.state = 'failed';
    ledger.bill(requestId, -entry.billed);
  }

  async #refuse(exchange: Exchange, requestId: string, error: OpenAIRefusal): Promise<void> {
    this.#parts.ledger.refuse(error.code ?? error.type);
    const { server } = this.#parts.settings();
    const own = profileServer(server);
    const { status, body } =
      own === undefined
        ? { status: error.status, body: server === 'sdcpp' ? JSON.stringify({ error: error.message }) : error.body() }
        : profileRefusal(own, error);
    const reply = this.#reply(status, requestId, body, 'application/json');
    await exchange.reply({ ...reply, headers: { ...reply.headers, ...error.headers } });
  }

  #reply(status: number, requestId: string, body: string, type: string): Reply {
    const { server, imagesPerMinute } = this.#parts.settings();
    const own = server === 'openai' ? { 'x-request-id': requestId, 'openai-processing-ms': '1' } : {};
    const limits = imagesPerMinute === 'off' ? {} : this.#parts.rate.headers(imagesPerMinute);
    return { status, headers: { 'content-type': type, ...own, ...limits }, body };
  }

  #size(call: ImageCall): string {
    const { width, height } = pictureSize(call, this.#parts.settings());
    return `${width}x${height}`;
  }
}

/** The refusal that a fault asks for. */
export function faultRefusal(fault: {
  code?: string;
  message?: string;
  status?: number;
  headers?: Record<string, string>;
}): OpenAIRefusal {
  const { code = 'server_error', message, status, headers } = fault;
  return refusal(code, {
    ...(message === undefined ? {} : { message }),
    ...(status === undefined ? {} : { status }),
    ...(headers === undefined ? {} : { headers }),
  });
}

/** A picture, or the text that a fault puts in its place. */
function spoiltFile(file: Buffer, fault: Fault): Buffer {
  return fault?.kind === 'not-an-image' ? Buffer.from('This is a text and no image.') : file;
}

/** The base64 of a picture, or what a fault makes of it. */
function spoilt(file: Buffer, fault: Fault): string {
  const base64 = spoiltFile(file, fault).toString('base64');
  return fault?.kind === 'broken-base64' ? base64.slice(0, Math.floor(base64.length / 2)) : base64;
}

function acceptanceOf({ prompt, count, images }: ImageCall, id: string, acceptedAtMs: number): Acceptance {
  const references = images.map(({ sha256 }) => sha256);
  return { id, prompt, references, acceptedAtMs, billed: count, account: 'emulator' };
}
