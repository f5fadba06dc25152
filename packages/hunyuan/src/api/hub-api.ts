import type { BackendCapabilities, ImageRequest } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { createHash } from 'node:crypto';
import { checkModel } from './api-checks.ts';
import { anyRegion } from './hunyuan-api.ts';
import type { ApiCall, HunyuanApi, ProductGuide } from './hunyuan-api.ts';
import { parseOrigin } from '../wire/hunyuan-endpoint.ts';
import { say } from '../hunyuan-messages.ts';
import { backendName, configurationError } from '../hunyuan-options.ts';
import type { HunyuanApiName, ResolvedOptions } from '../hunyuan-options.ts';
import { say as sayOfRequest } from '../request-messages.ts';
import { readText } from '../wire/hunyuan-wire.ts';
import type { JobImage, JobReport, WireAnswer } from '../wire/hunyuan-wire.ts';
import type { ReferenceEncoding } from './reference-padding.ts';
import { TokenHubTransport } from '../wire/token-hub-transport.ts';
import type { ApiFault, Transport } from '../wire/transport.ts';

/** The model whose jobs can be queried. */
export const jobModel = 'hy-image-v3.0';
const origin = 'https://tokenhub.tencentmaas.com';
// The page's own address is documented nowhere, but the search of the console leads there.
const consolePage = say('token-hub-console');

/** How one API behind a TokenHub key differs from the others. */
export interface HubService {
  readonly api: HunyuanApiName;
  readonly model: string;
  /** First part of the lane's id. */
  readonly service: string;
  readonly credentials: Message;
  readonly successor: Message;
}

/** What the APIs behind a TokenHub key have in common: key, address, transport, and the free query that probes send. */
export abstract class HubApi implements HunyuanApi {
  readonly name: HunyuanApiName;
  readonly model: string;
  readonly fingerprint: string;
  readonly service: string;
  readonly guide: ProductGuide;
  readonly account: string;
  readonly host: string;
  readonly region: string = anyRegion;
  readonly secrets: readonly string[];
  readonly resultHosts: readonly string[];
  abstract readonly capabilities: BackendCapabilities;
  abstract readonly references: ReferenceEncoding;
  readonly #options: ResolvedOptions;
  readonly #origin: URL;
  readonly #apiKey: string;

  /** @throws {ImageError} kind `auth` without a key, `invalid-request` for a wrong model or endpoint. */
  constructor(options: ResolvedOptions, { api, model, service, credentials, successor }: HubService) {
    checkModel(options, model);
    if (options.apiKey === undefined) {
      throw configurationError(sayOfRequest('api-key-missing', { page: consolePage }), 'auth');
    }
    this.name = api;
    this.model = model;
    this.fingerprint = `${backendName}/tokenhub/${model}`;
    this.service = service;
    this.guide = {
      product: 'TokenHub',
      consolePage,
      permissionPage: consolePage,
      permissions: [say('use-of-model', { model })],
      billingPage: 'https://console.cloud.tencent.com/expense/overview',
      credentials,
      keyPage: consolePage,
      successor,
    };
    this.#options = options;
    this.#apiKey = options.apiKey;
    this.#origin = parseOrigin(options.endpoint, origin);
    this.account = options.account ?? createHash('sha256').update(this.#apiKey).digest('hex');
    this.host = this.#origin.host;
    this.resultHosts = options.endpoint === undefined ? [] : [this.#origin.hostname];
    this.secrets = [this.#apiKey];
  }

  abstract buildSubmit(request: ImageRequest, references: readonly string[]): ApiCall;
  abstract rewrites(request: ImageRequest): boolean;
  abstract readSubmit(answer: WireAnswer): string | undefined;

  createTransport(): Transport {
    const { requestTimeoutMs, network } = this.#options;
    const { secrets } = this;
    return new TokenHubTransport({ origin: this.#origin, apiKey: this.#apiKey, requestTimeoutMs, network, secrets });
  }

  buildQuery(jobId: string): ApiCall {
    return { action: '/v1/api/image/query', body: { model: jobModel, id: jobId } };
  }

  /** A query holds nothing but the model's name and the id, so one that is refused as wrong has a wrong id. */
  isAbsent({ meaning }: ApiFault): boolean {
    return meaning === 'TokenHub.400' || meaning === 'TokenHub.404';
  }

  readQuery(answer: WireAnswer): JobReport {
    const status = readText(answer['status'])?.toLowerCase();
    if (status === undefined) return { state: 'unreadable' };
    if (status === 'queued' || status === 'pending') return { state: 'queued' };
    if (/^(completed|succeeded|success|done)$/.test(status)) return { state: 'done', ...readData(answer['data']) };
    if (!/^(failed|error|cancell?ed|expired)$/.test(status)) return { state: 'running', note: status };
    const error = record(answer['error']);
    return {
      state: 'failed',
      code: readText(error['upstream_code']) ?? readText(error['code']) ?? '',
      message: readText(error['message']) ?? '',
    };
  }
}

function readData(value: unknown): { images: readonly JobImage[]; failures: readonly string[] } {
  const images: JobImage[] = [];
  for (const entry of Array.isArray(value) ? (value as unknown[]) : []) {
    const { url, revised_prompt: revised } = record(entry);
    const revisedPrompt = readText(revised);
    if (typeof url === 'string' && url !== '')
      images.push({ url, ...(revisedPrompt === undefined ? {} : { revisedPrompt }) });
  }
  return { images, failures: [] };
}

function record(value: unknown): WireAnswer {
  return typeof value === 'object' && value !== null ? (value as WireAnswer) : {};
}
