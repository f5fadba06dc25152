import type { BackendCapabilities, ImageRequest, ImageSize } from '@holodeck/core/backend';
import { checkBodySize, checkModel, keyPair, maxBodyBytes } from './api-checks.ts';
import type { ApiCall, HunyuanApi, ProductGuide } from './hunyuan-api.ts';
import { jobCapabilities, requestProblems, seedRange } from '../hunyuan-capabilities.ts';
import { parseEndpoint } from '../wire/hunyuan-endpoint.ts';
import type { ServiceEndpoint } from '../wire/hunyuan-endpoint.ts';
import { isJobNotExist } from '../hunyuan-error-codes.ts';
import { backendName, keyPage, pairInWords } from '../hunyuan-options.ts';
import type { ResolvedOptions } from '../hunyuan-options.ts';
import { readJob, readText } from '../wire/hunyuan-wire.ts';
import type { JobReport, WireAnswer } from '../wire/hunyuan-wire.ts';
import type { ReferenceEncoding } from './reference-padding.ts';
import { Tc3Transport } from '../wire/tc3-transport.ts';
import type { CreateTc3Client } from '../wire/tc3-transport.ts';
import type { ApiFault, Transport } from '../wire/transport.ts';

const service = 'hunyuan';
const version = '2023-09-01';
const model = 'hunyuan-image';
const maxPromptLength = 1024;
const styles: readonly string[] =
  'riman shuimo monai bianping xiangsu ertonghuiben 3dxuanran manhua heibaimanhua xieshi dongman bijiasuo saibopengke youhua masaike qinghuaci xinnianjianzhi xinnianhuayi'.split(
    ' ',
  );
const choices = { style: styles, clarity: ['x2', 'x4'] };
const sizes: readonly ImageSize[] = [
  [768, 768],
  [768, 1024],
  [1024, 768],
  [1024, 1024],
  [720, 1280],
  [1280, 720],
  [768, 1280],
  [1280, 768],
].map(([width = 0, height = 0]) => ({ width, height }));
const sizesWithReference = sizes.slice(0, 4);

const guide: ProductGuide = {
  product: 'hunyuan (混元生图, API 2023-09-01)',
  consolePage: 'https://console.cloud.tencent.com/hunyuan',
  permissionPage: 'https://console.cloud.tencent.com/cam',
  permissions: ['hunyuan:SubmitHunyuanImageJob', 'hunyuan:QueryHunyuanImageJob'],
  billingPage: 'https://console.cloud.tencent.com/expense/overview',
  credentials: pairInWords,
  keyPage,
  successor: 'Use api "image-3.0" with the same key pair (HUNYUAN_API=image-3.0, or leave it out).',
  ended: true,
};

const createLegacyClient: CreateTc3Client = async () => {
  const { hunyuan } = await import('tencentcloud-sdk-nodejs-hunyuan');
  // Its endpoint and version are its own; another host name comes in through the profile.
  return (endpoint, _version, { profile, ...configuration }) =>
    new hunyuan.v20230901.Client({
      ...configuration,
      profile: { ...profile, httpProfile: { ...profile?.httpProfile, endpoint } },
    });
};

/**
 * The older service: hunyuan, version 2023-09-01, SubmitHunyuanImageJob and QueryHunyuanImageJob
 * (https://cloud.tencent.com/document/product/1729/105969). Announced as ended on 2026-09-30
 * (https://cloud.tencent.com/announce/detail/2405).
 */
export class LegacyApi implements HunyuanApi {
  readonly name = '2023-09-01';
  readonly model: string = model;
  readonly fingerprint: string = `${backendName}/2023-09-01/${service}-${version}/${model}`;
  readonly service: string = service;
  /** Documented for queries (https://cloud.tencent.com/document/api/1729/101848). */
  readonly requestsPerSecond = 20;
  readonly guide: ProductGuide = guide;
  readonly deprecation: string = `The vendor announced the end of this API for 2026-09-30. ${guide.successor}`;
  readonly capabilities: BackendCapabilities;
  readonly account: string;
  readonly host: string;
  readonly region: string;
  readonly secrets: readonly string[];
  readonly resultHosts: readonly string[];
  readonly references: ReferenceEncoding = {
    minSide: 50,
    maxSide: 4999,
    maxBase64Bytes: 7_999_000,
    maxTotalBase64Bytes: maxBodyBytes - 200_000,
    mediaTypes: ['image/png', 'image/jpeg'],
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
    this.capabilities = capabilities(options.rewritePrompt);
    this.account = options.account ?? this.#secretId;
    this.host = this.#endpoint.label;
    this.region = options.region;
    this.resultHosts = this.#endpoint.connectTo === undefined ? [] : [this.#endpoint.connectTo.host];
    this.secrets = [this.#secretId, this.#secretKey, ...(options.token === undefined ? [] : [options.token])];
  }

  createTransport(): Transport {
    const { region, token, requestTimeoutMs, network } = this.#options;
    return new Tc3Transport({
      createClient: createLegacyClient,
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
    const { prompt, negativePrompt, size, seed, count, providerOptions } = request;
    const { logoParam, style, clarity } = providerOptions;
    const watermark = providerOptions['watermark'] ?? (logoParam === undefined ? this.#options.watermark : true);
    const [reference] = references;
    const body = {
      Prompt: prompt,
      ...(negativePrompt === undefined ? {} : { NegativePrompt: negativePrompt }),
      ...(style === undefined ? {} : { Style: style }),
      Resolution: `${size.width}:${size.height}`,
      Num: count,
      ...(clarity === undefined ? {} : { Clarity: clarity }),
      ...(reference === undefined ? {} : { ContentImage: { ImageBase64: reference } }),
      ...(seed === undefined ? {} : { Seed: seed }),
      LogoAdd: watermark === true ? 1 : 0,
      ...(logoParam === undefined ? {} : { LogoParam: logoParam }),
      Revise: this.rewrites(request) ? 1 : 0,
    };
    checkBodySize(body);
    return { action: 'SubmitHunyuanImageJob', body };
  }

  /** With a picture to start from the service always rewrites. */
  rewrites({ providerOptions, references }: ImageRequest): boolean {
    return references.length > 0 || (providerOptions['rewritePrompt'] ?? this.#options.rewritePrompt) === true;
  }

  readSubmit(answer: WireAnswer): string | undefined {
    return readText(answer['JobId']);
  }

  buildQuery(jobId: string): ApiCall {
    return { action: 'QueryHunyuanImageJob', body: { JobId: jobId } };
  }

  isAbsent({ code }: ApiFault): boolean {
    return isJobNotExist(code);
  }

  readQuery(answer: WireAnswer): JobReport {
    return readJob(answer);
  }
}

function capabilities(rewritePrompt: boolean): BackendCapabilities {
  return {
    size: { oneOf: sizes },
    maxPromptLength,
    maxNegativePromptLength: maxPromptLength,
    maxCount: 4,
    ...(rewritePrompt ? {} : { seed: seedRange }),
    references: {
      roles: ['init'],
      maxCount: 1,
      mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/tiff', 'image/bmp', 'image/gif'],
      maxBytes: 64 * 1024 * 1024,
    },
    ...jobCapabilities,
    validate: (request) => [...requestProblems(request, maxPromptLength, choices), ...referenceProblems(request)],
  };
}

function referenceProblems({ references, seed, size, providerOptions }: ImageRequest): readonly string[] {
  if (references.length === 0) return [];
  const problems: string[] = [];
  if (!sizesWithReference.some(({ width, height }) => width === size.width && height === size.height)) {
    const possible = sizesWithReference.map(({ width, height }) => `${width}x${height}`).join(', ');
    problems.push(`With a reference picture the size must be ${possible}.`);
  }
  if (seed !== undefined || providerOptions['rewritePrompt'] === false) {
    problems.push('With a reference picture this API always rewrites the prompt, which voids a seed: leave both out.');
  }
  return problems;
}
