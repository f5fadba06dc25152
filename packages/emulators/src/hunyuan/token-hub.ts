/**
 * TokenHub's route to Image 3.0: a bearer key instead of a signature, HTTP status codes instead of an envelope.
 * https://cloud.tencent.com/document/product/1823/130080 (routes), .../1823/131595 (errors)
 */
import { randomUUID } from 'node:crypto';
import type { Exchange, Reply } from '../base/exchange.ts';
import type { FaultEffect } from '../base/fault.ts';
import { outcomeOfPrompt, textOf } from './api-action.ts';
import { header, requestSizeLimit } from './gateway.ts';
import { judgeImage3 } from './image-3-api.ts';
import type { Account } from './job-board.ts';
import type { Fields, Parameters } from './parameters.ts';
import { checkParameters } from './parameters.ts';
import type { RateWindow } from './rate-window.ts';
import { ServiceError } from './service-error.ts';
import type { ServiceParts } from './tc3-service.ts';
import { outcomeOf, readLeniently } from './tc3-service.ts';

const routes: Readonly<Record<string, 'submit' | 'query'>> = {
  '/v1/api/image/submit': 'submit',
  '/v1/api/image/query': 'query',
};
const model = 'hy-image-v3.0';

const submitFields: Fields = {
  model: { type: 'string', required: true },
  prompt: { type: 'string', required: true },
  images: { type: 'string[]' },
  resolution: { type: 'string' },
  seed: { type: 'integer' },
  revise: { type: 'integer' },
  logo_add: { type: 'integer' },
  logo_param: {
    type: 'object',
    fields: { logo_url: { type: 'string' }, logo_image: { type: 'string' }, logo_rect: { type: 'object' } },
  },
};
const queryFields: Fields = { model: { type: 'string', required: true }, id: { type: 'string', required: true } };
/** Image 3.0's names of TokenHub's fields. */
const image3Names: Readonly<Record<string, string>> = {
  prompt: 'Prompt',
  images: 'Images',
  resolution: 'Resolution',
  seed: 'Seed',
  revise: 'Revise',
  logo_add: 'LogoAdd',
};
const states = { waiting: 'queued', running: 'running', failed: 'failed', done: 'completed' } as const;

interface TokenHubError {
  readonly status: number;
  readonly type: string;
  readonly code: string;
  readonly source: 'gateway' | 'client' | 'upstream';
}

const errors: readonly (readonly [code: RegExp, error: TokenHubError])[] = [
  [/^AuthFailure\.Unauth/, { status: 403, type: 'permission_error', code: '403001', source: 'gateway' }],
  [/^AuthFailure/, { status: 401, type: 'authentication_error', code: '401002', source: 'gateway' }],
  [/^RequestLimitExceeded/, { status: 429, type: 'rate_limit_error', code: '429001', source: 'gateway' }],
  [/IllegalDetected$/, { status: 451, type: 'content_filter_error', code: '451001', source: 'upstream' }],
  [/^Resource/, { status: 402, type: 'permission_error', code: '401007', source: 'gateway' }],
  [/^InvalidParameterValue\.Model$/, { status: 400, type: 'invalid_request_error', code: '400004', source: 'gateway' }],
  [/^(FailedOperation\.(JobNotExist|Image)|Invalid|Missing|Unknown|RequestSize)/, invalidRequest()],
  [/./, { status: 502, type: 'upstream_error', code: '502001', source: 'upstream' }],
];

function invalidRequest(): TokenHubError {
  return { status: 400, type: 'invalid_request_error', code: '400001', source: 'client' };
}

export interface TokenHubOptions extends ServiceParts {
  rates: RateWindow;
  apiKey: string;
  account: Account;
}

export class TokenHub {
  readonly #options: TokenHubOptions;

  constructor(options: TokenHubOptions) {
    this.#options = options;
  }

  owns(path: string): boolean {
    return Object.hasOwn(routes, path);
  }

  async handle(exchange: Exchange): Promise<void> {
    const { ledger, plan } = this.#options;
    const operation = routes[exchange.url.pathname] ?? 'query';
    const body = await exchange.readBody(requestSizeLimit);
    if (operation === 'submit') ledger.submissions += 1;
    else ledger.polls += 1;
    const fields = readLeniently(body);
    const text = [fields?.['id'], fields?.['prompt']].filter((part) => typeof part === 'string').join(' ');
    const fault = plan.take(operation, text);
    if (fault !== undefined) ledger.strike(fault.kind);
    if (fault?.kind === 'restart') {
      this.#options.restart();
      return;
    }
    if (await exchange.strikeBefore(fault)) return;
    const requestId = randomUUID();
    let reply: Reply;
    try {
      this.#admit(exchange, operation, body === undefined);
      if (fault?.kind === 'refuse') throw new ServiceError(fault.code ?? 'FailedOperation.ServerError', fault.message);
      if (fields === undefined) throw new ServiceError('InvalidParameter', 'The request body is not a JSON object.');
      const parameters = checkParameters(fields, operation === 'submit' ? submitFields : queryFields);
      if (textOf(parameters, 'model') !== model)
        throw new ServiceError(
          'InvalidParameterValue.Model',
          `请求中的模型或服务 ID ${textOf(parameters, 'model')} 不存在`,
        );
      const answer =
        operation === 'submit'
          ? await this.#submit(parameters, fault)
          : this.#query(parameters, fault, exchange.url.origin);
      reply = json(200, { ...answer, request_id: requestId });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      ledger.refuse(error.code, operation === 'submit');
      reply = refusal(error, requestId, fault);
    }
    await exchange.reply(reply, fault);
  }

  #admit(exchange: Exchange, operation: 'submit' | 'query', isTooLong: boolean): void {
    const { apiKey, rates, settings } = this.#options;
    if (header(exchange, 'authorization') !== `Bearer ${apiKey}`)
      throw new ServiceError('AuthFailure.InvalidAuthorization', 'The API key is missing or wrong.');
    if (isTooLong) throw new ServiceError('RequestSizeLimitExceeded');
    const { submitRate, queryRate, retired } = settings();
    const rate = operation === 'submit' ? submitRate : queryRate;
    if (rate !== 'off' && rates.exceeds(`tokenhub ${operation}`, rate) !== undefined)
      throw new ServiceError('RequestLimitExceeded');
    if (retired === true || (Array.isArray(retired) && retired.includes('tokenhub')))
      throw new ServiceError('InvalidParameterValue', `The model \`${model}\` is offline.`);
  }

  async #submit(parameters: Parameters, fault: FaultEffect | undefined): Promise<Record<string, unknown>> {
    const { jobs, account } = this.#options;
    const renamed = Object.entries(parameters).flatMap(([name, value]) => {
      const image3Name = image3Names[name];
      return image3Name === undefined ? [] : [[image3Name, value] as const];
    });
    const request = await judgeImage3(Object.fromEntries(renamed));
    const job = jobs.submit('tokenhub', account, request, outcomeOf(fault) ?? outcomeOfPrompt(request.prompt));
    if (fault?.kind === 'lose-job') jobs.lose(job.id);
    return { id: job.id, status: 'queued' };
  }

  #query(parameters: Parameters, fault: FaultEffect | undefined, origin: string): Record<string, unknown> {
    const { jobs, account, results } = this.#options;
    const id = textOf(parameters, 'id') ?? '';
    if (fault?.kind === 'lose-job') jobs.lose(id);
    const job = jobs.find(id, account);
    if (job?.api !== 'tokenhub') throw new ServiceError('FailedOperation.JobNotExist');
    const outcome = outcomeOf(fault);
    if (outcome !== undefined) jobs.fail(job, outcome);
    const state = jobs.state(job);
    const answer = { id, status: states[state] };
    if (state === 'failed' && job.outcome.kind === 'fail') {
      const { code, message } = job.outcome;
      return { ...answer, data: [], error: { code, message } };
    }
    if (state !== 'done') return { ...answer, data: [] };
    const links = results.links(job, origin, fault?.kind === 'expire-url');
    return { ...answer, data: links.map((url) => ({ url, revised_prompt: job.revisedPrompt })) };
  }
}

function refusal(error: ServiceError, requestId: string, fault: FaultEffect | undefined): Reply {
  const found = errors.find(([code]) => code.test(error.code))?.[1] ?? invalidRequest();
  const { status, type, code, source } = found;
  const upstream = source === 'upstream' ? { upstream_code: error.code, upstream_status: 200 } : {};
  const content = { error: { type, code, message: error.message, source, ...upstream, request_id: requestId } };
  const reply = json(fault?.kind === 'refuse' ? (fault.status ?? status) : status, content);
  return { ...reply, headers: { ...reply.headers, ...(fault?.kind === 'refuse' ? fault.headers : {}) } };
}

function json(status: number, content: unknown): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(content) };
}
