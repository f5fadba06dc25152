import type { BackendCapabilities, ImageRequest } from '@holodeck/core/backend';
import { createHash } from 'node:crypto';
import { checkBodySize, checkModel, maxBodyBytes } from './api-checks.ts';
import type { ApiCall, HunyuanApi, ProductGuide } from './hunyuan-api.ts';
import { imageCapabilities } from '../hunyuan-capabilities.ts';
import { parseOrigin } from '../wire/hunyuan-endpoint.ts';
import { say } from '../hunyuan-messages.ts';
import { backendName, configurationError } from '../hunyuan-options.ts';
import type { ResolvedOptions } from '../hunyuan-options.ts';
import type { HunyuanLogoParam } from '../hunyuan-provider-options.ts';
import { say as sayOfRequest } from '../request-messages.ts';
import { readText } from '../wire/hunyuan-wire.ts';
import type { JobImage, JobReport, WireAnswer } from '../wire/hunyuan-wire.ts';
import type { ReferenceEncoding } from './reference-padding.ts';
import { TokenHubTransport } from '../wire/token-hub-transport.ts';
import type { ApiFault, Transport } from '../wire/transport.ts';

const model = 'hy-image-v3.0';
const origin = 'https://tokenhub.tencentmaas.com';
// The page's own address is documented nowhere; the console's search leads there.
const consolePage = say('token-hub-console');

const guide: ProductGuide = {
  product: 'TokenHub',
  consolePage,
  permissionPage: consolePage,
  permissions: [say('use-of-model', { model })],
  billingPage: 'https://console.cloud.tencent.com/expense/overview',
  credentials: say('api-key'),
  keyPage: consolePage,
  successor: say('use-key-pair'),
};

/**
 * Image 3.0 through TokenHub: an API key instead of a key pair, the fields of aiart in snake case
 * (https://cloud.tencent.com/document/product/1823/130080).
 */
export class TokenHubApi implements HunyuanApi {
  readonly name = 'tokenhub';
  readonly model: string = model;
  readonly fingerprint: string = `${backendName}/tokenhub/${model}`;
  readonly service: string = 'tokenhub';
  readonly guide: ProductGuide = guide;
  readonly capabilities: BackendCapabilities;
  readonly account: string;
  readonly host: string;
  /** The key decides, not a region. */
  readonly region: string = 'default';
  readonly secrets: readonly string[];
  readonly resultHosts: readonly string[];
  readonly references: ReferenceEncoding = {
    minSide: 50,
    maxSide: 5000,
    maxBase64Bytes: 5_999_000,
    maxTotalBase64Bytes: maxBodyBytes - 200_000,
    mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/tiff', 'image/bmp'],
    pad: true,
  };
  readonly #options: ResolvedOptions;
  readonly #origin: URL;
  readonly #apiKey: string;

  /** @throws {ImageError} kind `auth` without a key, `invalid-request` for a wrong model or endpoint. */
  constructor(options: ResolvedOptions) {
    checkModel(options, model);
    if (options.apiKey === undefined) {
      throw configurationError(sayOfRequest('api-key-missing', { page: consolePage }), 'auth');
    }
    this.#options = options;
    this.#apiKey = options.apiKey;
    this.#origin = parseOrigin(options.endpoint, origin);
    this.capabilities = imageCapabilities(options.rewritePrompt);
    this.account = options.account ?? createHash('sha256').update(this.#apiKey).digest('hex');
    this.host = this.#origin.host;
    this.resultHosts = options.endpoint === undefined ? [] : [this.#origin.hostname];
    this.secrets = [this.#apiKey];
  }

  createTransport(): Transport {
    const { requestTimeoutMs, network } = this.#options;
    const { secrets } = this;
    return new TokenHubTransport({ origin: this.#origin, apiKey: this.#apiKey, requestTimeoutMs, network, secrets });
  }

  buildSubmit(request: ImageRequest, references: readonly string[]): ApiCall {
    const { prompt, size, seed, providerOptions } = request;
    const logoParam = providerOptions['logoParam'] as HunyuanLogoParam | undefined;
    const watermark = providerOptions['watermark'] ?? (logoParam === undefined ? this.#options.watermark : true);
    const body = {
      model,
      prompt,
      ...(references.length === 0 ? {} : { images: references }),
      resolution: `${size.width}:${size.height}`,
      ...(seed === undefined ? {} : { seed }),
      logo_add: watermark === true ? 1 : 0,
      ...(logoParam === undefined ? {} : { logo_param: snakeCase(logoParam) }),
      revise: this.rewrites(request) ? 1 : 0,
    };
    checkBodySize(body);
    return { action: '/v1/api/image/submit', body };
  }

  rewrites({ providerOptions }: ImageRequest): boolean {
    return (providerOptions['rewritePrompt'] ?? this.#options.rewritePrompt) === true;
  }

  readSubmit(answer: WireAnswer): string | undefined {
    return readText(answer['id']);
  }

  buildQuery(jobId: string): ApiCall {
    return { action: '/v1/api/image/query', body: { model, id: jobId } };
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

function snakeCase({ LogoUrl, LogoImage, LogoRect }: HunyuanLogoParam): Readonly<Record<string, unknown>> {
  return {
    ...(LogoUrl === undefined ? {} : { logo_url: LogoUrl }),
    ...(LogoImage === undefined ? {} : { logo_image: LogoImage }),
    ...(LogoRect === undefined
      ? {}
      : { logo_rect: Object.fromEntries(Object.entries(LogoRect).map(([name, side]) => [name.toLowerCase(), side])) }),
  };
}
