import type { BackendCapabilities, ImageRequest } from '@holodeck/core/backend';
import { checkBodySize, checkModel, keyPair, maxBodyBytes } from './api-checks.ts';
import type { ApiCall, HunyuanApi, ProductGuide } from './hunyuan-api.ts';
import { imageCapabilities } from '../hunyuan-capabilities.ts';
import { parseEndpoint } from '../wire/hunyuan-endpoint.ts';
import type { ServiceEndpoint } from '../wire/hunyuan-endpoint.ts';
import { isJobNotExist } from '../hunyuan-error-codes.ts';
import { backendName, keyPage, pairInWords } from '../hunyuan-options.ts';
import type { ResolvedOptions } from '../hunyuan-options.ts';
import { readJob, readText } from '../wire/hunyuan-wire.ts';
import type { JobReport, WireAnswer } from '../wire/hunyuan-wire.ts';
import type { ReferenceEncoding } from './reference-padding.ts';
import { createCommonClient, Tc3Transport } from '../wire/tc3-transport.ts';
import type { ApiFault, Transport } from '../wire/transport.ts';

const service = 'aiart';
const version = '2022-12-29';
const model = 'hunyuan-image-3.0';

/** Below 6 MB in base64. */
const maxReferenceBase64Bytes = 5_999_000;

const guide: ProductGuide = {
  product: 'aiart (大模型图像创作引擎)',
  consolePage: 'https://console.cloud.tencent.com/aiart',
  permissionPage: 'https://console.cloud.tencent.com/cam',
  permissions: ['aiart:SubmitTextToImageJob', 'aiart:QueryTextToImageJob'],
  billingPage: 'https://console.cloud.tencent.com/expense/overview',
  credentials: pairInWords,
  keyPage,
  successor:
    'Image 3.0 is at aiart.tencentcloudapi.com (not on the international site); check HUNYUAN_ENDPOINT. The vendor also offers it through TokenHub (HUNYUAN_API_KEY).',
};

/** Hunyuan Image 3.0: service aiart, version 2022-12-29, SubmitTextToImageJob and QueryTextToImageJob. */
export class Image3Api implements HunyuanApi {
  readonly name = 'image-3.0';
  readonly model: string = model;
  readonly fingerprint: string = `${backendName}/image-3.0/${service}-${version}/${model}`;
  readonly service: string = service;
  /** Per action, region and sub-account (https://cloud.tencent.com/document/product/1668/88077). */
  readonly requestsPerSecond = 20;
  readonly guide: ProductGuide = guide;
  readonly capabilities: BackendCapabilities;
  readonly account: string;
  readonly host: string;
  readonly region: string;
  readonly secrets: readonly string[];
  readonly resultHosts: readonly string[];
  readonly references: ReferenceEncoding = {
    minSide: 50,
    maxSide: 5000,
    maxBase64Bytes: maxReferenceBase64Bytes,
    maxTotalBase64Bytes: maxBodyBytes - 200_000,
    mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/tiff', 'image/bmp'],
    pad: true,
  };
  readonly #options: ResolvedOptions;
  readonly #endpoint: ServiceEndpoint;
  readonly #secretId: string;
  readonly #secretKey: string;

  /** @throws {ImageError} kind `auth` without a whole key pair, `invalid-request` for a wrong model or endpoint. */
  constructor(options: ResolvedOptions) {
    checkModel(options, model);
    [this.#secretId, this.#secretKey] = keyPair(options);
    this.#options = options;
    this.#endpoint = parseEndpoint(options.endpoint, service);
    this.capabilities = imageCapabilities(options.rewritePrompt);
    this.account = options.account ?? this.#secretId;
    this.host = this.#endpoint.label;
    this.region = options.region;
    this.resultHosts = this.#endpoint.connectTo === undefined ? [] : [this.#endpoint.connectTo.host];
    this.secrets = [this.#secretId, this.#secretKey, ...(options.token === undefined ? [] : [options.token])];
  }

  createTransport(): Transport {
    const { region, token, requestTimeoutMs, network } = this.#options;
    return new Tc3Transport({
      createClient: createCommonClient,
      endpoint: this.#endpoint,
      version,
      region,
      secretId: this.#secretId,
      secretKey: this.#secretKey,
      token,
      requestTimeoutMs,
      network,
    });
  }

  /** LogoAdd and Revise are always sent: the service takes their absence as "on". */
  buildSubmit(request: ImageRequest, references: readonly string[]): ApiCall {
    const { prompt, size, seed, providerOptions } = request;
    const { logoParam } = providerOptions;
    const watermark = providerOptions['watermark'] ?? (logoParam === undefined ? this.#options.watermark : true);
    const body = {
      Prompt: prompt,
      ...(references.length === 0 ? {} : { Images: references }),
      Resolution: `${size.width}:${size.height}`,
      ...(seed === undefined ? {} : { Seed: seed }),
      LogoAdd: watermark === true ? 1 : 0,
      ...(logoParam === undefined ? {} : { LogoParam: logoParam }),
      Revise: this.rewrites(request) ? 1 : 0,
    };
    checkBodySize(body);
    return { action: 'SubmitTextToImageJob', body };
  }

  rewrites({ providerOptions }: ImageRequest): boolean {
    return (providerOptions['rewritePrompt'] ?? this.#options.rewritePrompt) === true;
  }

  readSubmit(answer: WireAnswer): string | undefined {
    return readText(answer['JobId']);
  }

  buildQuery(jobId: string): ApiCall {
    return { action: 'QueryTextToImageJob', body: { JobId: jobId } };
  }

  isAbsent({ code }: ApiFault): boolean {
    return isJobNotExist(code);
  }

  readQuery(answer: WireAnswer): JobReport {
    return readJob(answer);
  }
}
