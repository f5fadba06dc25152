import { ImageError } from '@holodeck/core';
import type { BackendCapabilities, ImageRequest } from '@holodeck/core';
import type { ApiCall, HunyuanApi, ProductGuide } from './hunyuan-api.ts';
import { imageCapabilities } from './hunyuan-capabilities.ts';
import { parseEndpoint } from './hunyuan-endpoint.ts';
import type { ServiceEndpoint } from './hunyuan-endpoint.ts';
import { backendName, configurationError, keyPage } from './hunyuan-options.ts';
import type { ResolvedOptions } from './hunyuan-options.ts';
import { readJob, readText } from './hunyuan-wire.ts';
import type { JobReport, WireAnswer } from './hunyuan-wire.ts';
import type { ReferenceEncoding } from './reference-padding.ts';
import { Tc3Transport } from './tc3-transport.ts';
import type { Transport } from './transport.ts';

const service = 'aiart';
const version = '2022-12-29';
const model = 'hunyuan-image-3.0';

/** The limit of a request signed with TC3, in bytes (https://cloud.tencent.com/document/product/1278/46715), less a margin. */
const maxBodyBytes = 10_000_000;
/** Below 6 MB in base64. */
const maxReferenceBase64Bytes = 5_999_000;

const guide: ProductGuide = {
  product: 'aiart (大模型图像创作引擎)',
  consolePage: 'https://console.cloud.tencent.com/aiart',
  permissionPage: 'https://console.cloud.tencent.com/cam',
  permissions: ['aiart:SubmitTextToImageJob', 'aiart:QueryTextToImageJob'],
  billingPage: 'https://console.cloud.tencent.com/expense/overview',
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
    checkModel(options.model);
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

  readQuery(answer: WireAnswer): JobReport {
    return readJob(answer);
  }
}

function checkModel(given: string | undefined): void {
  if (given === undefined || given === model) return;
  const hint =
    given === 'hunyuan-pro' || given === 'hunyuan-image'
      ? 'It is a name of the older client, whose request had no such field. '
      : '';
  throw configurationError(
    `The model ${JSON.stringify(given)} does not exist here. ${hint}Leave the option model out: api "image-3.0" always draws with ${model}.`,
  );
}

function keyPair({ secretId, secretKey }: ResolvedOptions): readonly [string, string] {
  if (secretId !== undefined && secretKey !== undefined) return [secretId, secretKey];
  const missing =
    secretId === undefined && secretKey === undefined
      ? 'SecretId and SecretKey are'
      : `${secretId === undefined ? 'SecretId' : 'SecretKey'} is`;
  throw configurationError(
    `${missing} missing (blank values and placeholders count as missing). Set HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY, or secretId and secretKey, to a key pair from ${keyPage}.`,
    'auth',
  );
}

function checkBodySize(body: object): void {
  const bytes = Buffer.byteLength(JSON.stringify(body));
  if (bytes <= maxBodyBytes) return;
  throw new ImageError({
    kind: 'invalid-request',
    outcome: 'not-submitted',
    backend: backendName,
    message: `The request has ${bytes} bytes; the service takes at most 10 MB. Use a smaller LogoImage, or LogoUrl.`,
  });
}
