/**
 * Hy-Image 3.5 on TokenHub: one POST that stays open until the picture's address is in its answer. There is no job, so an
 * answer that is lost cannot be asked for again, and its picture is billed.
 * https://cloud.tencent.com/document/product/1823/135745
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Exchange, Reply } from '../base/exchange.ts';
import type { FaultEffect } from '../base/fault.ts';
import { outcomeOfPrompt } from './api-action.ts';
import { header } from './gateway.ts';
import { HubError, hubReply, moderated, refusalOf } from './hub-error.ts';
import { checkFields, readTurn, sizeOf, tokensOf } from './hy-image-35-request.ts';
import type { Turn } from './hy-image-35-request.ts';
import type { Account, Job } from './job-board.ts';
import type { Parameters } from './parameters.ts';
import type { RateWindow } from './rate-window.ts';
import { ServiceError } from './service-error.ts';
import type { ServiceParts } from './tc3-service.ts';
import { outcomeOf, readLeniently } from './tc3-service.ts';

/** The route. */
export const hyImage35Path = '/v1/wand/hunyuan-image/v35-generation';
const model = 'hy-image-v3.5-preview';
const linkLifeMs = 12 * 3_600_000;
/** Twenty pictures of 20 MB in base64 are more than a gateway takes; this is a guess. */
const maxBodyBytes = 64 * 1024 * 1024;

export interface HyImage35Options extends ServiceParts {
  rates: RateWindow;
  apiKey: string;
  account: Account;
  clock: Clock;
}

export class HyImage35 {
  readonly #options: HyImage35Options;

  constructor(options: HyImage35Options) {
    this.#options = options;
  }

  async handle(exchange: Exchange): Promise<void> {
    const { ledger, plan, clock } = this.#options;
    const body = await exchange.readBody(maxBodyBytes);
    ledger.submissions += 1;
    const fields = readLeniently(body);
    const fault = plan.take('submit', promptOf(fields));
    if (fault !== undefined) ledger.strike(fault.kind);
    if (fault?.kind === 'restart') {
      this.#options.restart();
      return;
    }
    if (await exchange.strikeBefore(fault)) return;
    const requestId = randomUUID();
    let reply: Reply;
    try {
      reply = await this.#answer(exchange, fields, requestId, fault);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      ledger.refuse(error.code, true);
      reply = hubReply(error, requestId, clock.now());
      if (fault?.kind === 'refuse') reply = { ...reply, headers: { ...reply.headers, ...fault.headers } };
    }
    await exchange.reply(reply, fault);
  }

  async #answer(exchange: Exchange, body: unknown, requestId: string, fault: FaultEffect | undefined): Promise<Reply> {
    const { settings, jobs } = this.#options;
    this.#admit(exchange);
    const parameters = checkFields(body, settings().unknownFields === 'ignore');
    if (parameters['model'] !== model) throw refusalOf('400004', undefined, settings());
    const turn = readTurn(parameters['messages'] as unknown[]);
    this.#checkHistory(turn);
    // The body is judged before the money is.
    if (fault?.kind === 'refuse') throw refusalOf(fault.code ?? '502001', fault.message, settings());
    if (/__illegal__|违禁/.test(turn.prompt)) throw moderated(settings().moderation, 'input');
    const job = this.#accept(parameters, turn, fault);
    await exchange.wait(job.endsAtMs - this.#options.clock.now());
    if (jobs.state(job) === 'failed') throw moderated(settings().moderation, 'output');
    return this.#success(job, exchange, requestId, fault);
  }

  #admit(exchange: Exchange): void {
    const { apiKey, rates, settings } = this.#options;
    const { submitRate, retired } = settings();
    if (header(exchange, 'authorization') !== `Bearer ${apiKey}`) throw refusalOf('401002', undefined, settings());
    if (retired === true || (Array.isArray(retired) && retired.includes('hy-image-3.5'))) {
      throw refusalOf('400004', undefined, settings());
    }
    if (submitRate !== 'off' && rates.exceeds('hy-image-3.5', submitRate) !== undefined) {
      throw refusalOf('RequestLimitExceeded', undefined, settings());
    }
  }

  /** What the service does with a link that has expired is not known; this is a guess. */
  #checkHistory({ historyLinks }: Turn): void {
    const { clock, settings } = this.#options;
    const now = Math.floor(clock.now() / 1000);
    const expired = historyLinks.some((link) => Number(/q-sign-time=\d+;(\d+)/.exec(link)?.[1] ?? now) < now);
    if (expired && settings().expiredHistory === 'refuse') {
      throw refusalOf('DownloadImageFailed', undefined, settings());
    }
  }

  #accept(parameters: Parameters, turn: Turn, fault: FaultEffect | undefined): Job {
    const { jobs, account, settings } = this.#options;
    const { concurrency } = settings();
    const { seed } = parameters;
    const [reference] = turn.pictures;
    const request = {
      prompt: turn.prompt,
      revise: false,
      ...sizeOf(parameters),
      ...(typeof seed === 'number' && seed > 0 ? { seed } : {}),
      images: 1,
      watermark: parameters['logo_add'] === 1,
      ...(turn.look === '' ? {} : { look: turn.look }),
      ...(reference === undefined ? {} : { reference }),
    };
    const outcome = outcomeOf(fault) ?? outcomeOfPrompt(turn.prompt);
    const limit = concurrency === 'off' ? Number.POSITIVE_INFINITY : concurrency;
    try {
      return jobs.submit('hy-image-3.5', { ...account, limit }, request, outcome);
    } catch (error) {
      if (error instanceof ServiceError) throw refusalOf(error.code, undefined, settings());
      throw error;
    }
  }

  #success(job: Job, exchange: Exchange, requestId: string, fault: FaultEffect | undefined): Reply {
    const { results, settings, clock } = this.#options;
    const { reportedSize, usageFields, answerForm } = settings();
    const { width, height } = job.request;
    // The second link is an intermediate picture, which a client must not take for the result.
    const two = { ...job, request: { ...job.request, images: 2 } };
    const [url, intermediate] = results.links(two, exchange.url.origin, fault?.kind === 'expire-url', linkLifeMs);
    const tokens = { total_tokens: tokensOf(job.request) };
    const answer = {
      id: `${job.id.split('-')[0]}-WandImage-${randomBytes(16).toString('hex')}`,
      object: 'image.chat.completion.chunk',
      created: Math.floor(clock.now() / 1000),
      model: 'HY-Image-3.5-Preview-Emulator',
      round: 0,
      choices: [
        {
          index: 0,
          delta: {
            type: 'image',
            image: { url, ...(reportedSize ?? { width, height }), source: 'generate', tool_call_id: 'generate@call_0' },
          },
          finish_reason: null,
        },
      ],
      assembled_history: [
        { role: 'assistant', content: [{ type: 'text', text: 'I draw it.' }] },
        { role: 'tool', content: [{ type: 'image_url', image_url: { url: intermediate } }] },
      ],
      ...(usageFields === 'both' ? { usage: tokens } : {}),
      ...(usageFields === 'none' ? {} : { tokenhub_usage: tokens }),
      request_id: requestId,
    };
    const body = JSON.stringify(answer);
    if (answerForm === 'json') return { status: 200, headers: { 'content-type': 'application/json' }, body };
    const headers = { 'content-type': 'text/event-stream' };
    return { status: 200, headers, body: `data: ${body}\n\ndata: [DONE]\n\n` };
  }
}

function promptOf(fields: Readonly<Record<string, unknown>> | undefined): string {
  try {
    return readTurn(fields?.['messages'] as unknown[]).prompt;
  } catch {
    return '';
  }
}
