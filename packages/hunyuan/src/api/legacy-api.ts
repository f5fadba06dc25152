import type { BackendCapabilities, ImageRequest, ImageSize } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { checkBodySize, maxBodyBytes } from './api-checks.ts';
import type { ApiCall } from './hunyuan-api.ts';
import { jobCapabilities, requestProblems, seedRange } from '../hunyuan-capabilities.ts';
import { say } from '../hunyuan-messages.ts';
import { keyPage } from '../hunyuan-options.ts';
import type { ResolvedOptions } from '../hunyuan-options.ts';
import { say as sayOfRequest } from '../request-messages.ts';
import type { ReferenceEncoding } from './reference-padding.ts';
import { Tc3Api } from './tc3-api.ts';
import type { Tc3Service } from './tc3-api.ts';
import type { CreateTc3Client } from '../wire/tc3-transport.ts';

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

const createLegacyClient: CreateTc3Client = async () => {
  const { hunyuan } = await import('tencentcloud-sdk-nodejs-hunyuan');
  // Its endpoint and version are its own; another host name comes in through the profile.
  return (endpoint, _version, { profile, ...configuration }) =>
    new hunyuan.v20230901.Client({
      ...configuration,
      profile: { ...profile, httpProfile: { ...profile?.httpProfile, endpoint } },
    });
};

const service: Tc3Service = {
  api: '2023-09-01',
  service: 'hunyuan',
  version: '2023-09-01',
  model: 'hunyuan-image',
  queryAction: 'QueryHunyuanImageJob',
  createClient: createLegacyClient,
  guide: {
    product: 'hunyuan (混元生图, API 2023-09-01)',
    consolePage: 'https://console.cloud.tencent.com/hunyuan',
    permissionPage: 'https://console.cloud.tencent.com/cam',
    permissions: ['hunyuan:SubmitHunyuanImageJob', 'hunyuan:QueryHunyuanImageJob'],
    billingPage: 'https://console.cloud.tencent.com/expense/overview',
    credentials: say('key-pair'),
    keyPage,
    successor: say('use-image-3'),
    ended: true,
  },
};

/**
 * The older service: hunyuan, version 2023-09-01, SubmitHunyuanImageJob and QueryHunyuanImageJob
 * (https://cloud.tencent.com/document/product/1729/105969). Announced as ended on 2026-09-30
 * (https://cloud.tencent.com/announce/detail/2405).
 */
export class LegacyApi extends Tc3Api {
  /** Documented for queries (https://cloud.tencent.com/document/api/1729/101848). */
  readonly requestsPerSecond = 20;
  readonly deprecation: Message = say('legacy-ended', { successor: service.guide.successor });
  readonly capabilities: BackendCapabilities;
  readonly references: ReferenceEncoding = {
    minSide: 50,
    maxSide: 4999,
    maxBase64Bytes: 7_999_000,
    maxTotalBase64Bytes: maxBodyBytes - 200_000,
    mediaTypes: ['image/png', 'image/jpeg'],
    pad: true,
  };

  /** @throws {ImageError} as `Tc3Api` does. */
  constructor(options: ResolvedOptions) {
    super(options, service);
    this.capabilities = capabilities(options.rewritePrompt);
  }

  buildSubmit(request: ImageRequest, references: readonly string[]): ApiCall {
    const { prompt, negativePrompt, size, seed, count, providerOptions } = request;
    const { style, clarity } = providerOptions;
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
      ...this.switches(request),
    };
    checkBodySize(body);
    return { action: 'SubmitHunyuanImageJob', body };
  }

  /** With a picture to start from the service always rewrites. */
  override rewrites(request: ImageRequest): boolean {
    return request.references.length > 0 || super.rewrites(request);
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

function referenceProblems({ references, seed, size, providerOptions }: ImageRequest): readonly Message[] {
  if (references.length === 0) return [];
  const problems: Message[] = [];
  if (!sizesWithReference.some(({ width, height }) => width === size.width && height === size.height)) {
    const possible = sizesWithReference.map(({ width, height }) => `${width}x${height}`).join(', ');
    problems.push(sayOfRequest('reference-size', { sizes: possible }));
  }
  if (seed !== undefined || providerOptions['rewritePrompt'] === false) {
    problems.push(sayOfRequest('reference-rewrites'));
  }
  return problems;
}
