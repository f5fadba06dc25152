/** The image actions behind the TC3 gateway: submit and query, with faults. */
import type { Exchange } from '../base/exchange.ts';
import type { FaultEffect } from '../base/fault.ts';
import type { FaultPlan } from '../base/fault-plan.ts';
import { isRecord } from '../base/is-record.ts';
import type { Ledger } from '../base/ledger.ts';
import { outcomeOfPrompt, textOf } from './api-action.ts';
import type { Call, Gateway } from './gateway.ts';
import { envelope, header, requestSizeLimit } from './gateway.ts';
import type { HunyuanSettings } from './hunyuan-settings.ts';
import type { Job, JobBoard, JobState, Outcome } from './job-board.ts';
import type { ResultStore } from './result-store.ts';
import { ServiceError } from './service-error.ts';

/** What the services at this address share. */
export interface ServiceParts {
  ledger: Ledger;
  plan: FaultPlan;
  jobs: JobBoard;
  results: ResultStore;
  settings: () => HunyuanSettings;
  restart: () => void;
}

const statuses: Readonly<Record<JobState, readonly [code: string, message: string]>> = {
  waiting: ['1', '排队中'],
  running: ['2', '处理中'],
  failed: ['4', '处理失败'],
  done: ['5', '处理完成'],
};

type Answer = Readonly<Record<string, unknown>>;

export class Tc3Service {
  readonly #parts: ServiceParts & { gateway: Gateway };

  constructor(parts: ServiceParts & { gateway: Gateway }) {
    this.#parts = parts;
  }

  async handle(exchange: Exchange): Promise<void> {
    const { gateway, ledger, plan, settings } = this.#parts;
    const { method } = exchange.request;
    const body = await exchange.readBody(requestSizeLimit);
    if (method !== 'POST' && method !== 'GET') {
      await exchange.reply({ status: 405, headers: { allow: 'GET, POST' } });
      return;
    }
    const operation = gateway.actionOf(exchange)?.operation;
    if (operation === 'submit') ledger.submissions += 1;
    if (operation === 'query') ledger.polls += 1;
    const fault = operation === undefined ? undefined : plan.take(operation, this.#textOf(exchange, body));
    if (fault !== undefined) ledger.strike(fault.kind);
    if (fault?.kind === 'restart') {
      this.#parts.restart();
      return;
    }
    if (await exchange.strikeBefore(fault)) return;

    let answer: Answer;
    try {
      const { action, account } = gateway.admit(exchange, body);
      if (fault?.kind === 'refuse') throw new ServiceError(fault.code ?? 'FailedOperation.ServerError', fault.message);
      const parameters = gateway.readParameters(exchange, body ?? new Uint8Array(), action);
      const call = { action, account, parameters };
      answer = action.operation === 'submit' ? await this.#submit(call, fault) : this.#query(call, fault, exchange);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      ledger.refuse(error.code, operation === 'submit');
      answer = { Error: { Code: error.code, Message: error.message } };
    }
    const traceId = header(exchange, 'x-tc-traceid');
    const headers = {
      'content-type': 'application/json',
      date: new Date(Date.now() + settings().clockSkewMs).toUTCString(),
      ...(traceId === '' ? {} : { 'x-tc-traceid': traceId }),
    };
    await exchange.reply({ status: 200, headers, body: envelope(answer).body }, fault);
  }

  async #submit(call: Call, fault: FaultEffect | undefined): Promise<Answer> {
    const { jobs } = this.#parts;
    const { action, account, parameters } = call;
    const request = await action.judge?.(parameters);
    if (request === undefined) throw new ServiceError('InternalError');
    const job = jobs.submit(action.api, account, request, outcomeOf(fault) ?? outcomeOfPrompt(request.prompt));
    if (fault?.kind === 'lose-job') jobs.lose(job.id);
    return { JobId: job.id };
  }

  #query({ action, account, parameters }: Call, fault: FaultEffect | undefined, exchange: Exchange): Answer {
    const { jobs } = this.#parts;
    const id = textOf(parameters, 'JobId') ?? '';
    if (fault?.kind === 'lose-job') jobs.lose(id);
    const job = jobs.find(id, account);
    if (job === undefined || job.api !== action.api) throw new ServiceError('FailedOperation.JobNotExist');
    const outcome = outcomeOf(fault);
    if (outcome !== undefined) jobs.fail(job, outcome);
    const state = jobs.state(job);
    const [code, message] = statuses[state];
    const failure = state === 'failed' && job.outcome.kind === 'fail' ? job.outcome : { code: '', message: '' };
    return {
      JobStatusCode: code,
      JobStatusMsg: message,
      JobErrorCode: failure.code,
      JobErrorMsg: failure.message,
      ...this.#lists(job, state, exchange, fault),
    };
  }

  #lists(job: Job, state: JobState, exchange: Exchange, fault: FaultEffect | undefined): Answer {
    const { results, settings } = this.#parts;
    if (state !== 'done') {
      const { emptyArrays } = settings();
      if (emptyArrays === 'absent') return {};
      const nothing = emptyArrays === 'null' ? null : [];
      return { ResultImage: nothing, ResultDetails: nothing, RevisedPrompt: nothing };
    }
    const links = results.links(job, exchange.url.origin, fault?.kind === 'expire-url');
    return {
      ResultImage: links,
      ResultDetails: links.map(() => 'Success'),
      RevisedPrompt: links.map(() => job.revisedPrompt),
    };
  }

  /** What a fault's `match` looks into: the prompt of a submission, the job's id and prompt of a query. */
  #textOf(exchange: Exchange, body: Uint8Array | undefined): string {
    if (this.#parts.plan.rules.length === 0) return '';
    const fields = readLeniently(body) ?? Object.fromEntries(exchange.url.searchParams);
    const { JobId: id, Prompt: prompt } = fields;
    if (typeof id === 'string') return `${id} ${this.#parts.ledger.entry(id)?.prompt ?? ''}`;
    return typeof prompt === 'string' ? prompt : '';
  }
}

/** The fields of a body before it is checked; `undefined` if it is not a JSON object. */
export function readLeniently(body: Uint8Array | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body ?? '').toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The end that a fault sets for a job. */
export function outcomeOf(fault: FaultEffect | undefined): Outcome | undefined {
  if (fault?.kind !== 'fail-job') return undefined;
  const { code, message } = new ServiceError(fault.code ?? 'FailedOperation.ServerError', fault.message);
  return { kind: 'fail', code, message };
}
