import type { BackendCapabilities, ImageRequest } from '@holodeck/core/backend';
import { checkBodySize, maxBodyBytes } from './api-checks.ts';
import type { ApiCall } from './hunyuan-api.ts';
import { imageCapabilities } from '../hunyuan-capabilities.ts';
import { say } from '../hunyuan-messages.ts';
import { keyPage } from '../hunyuan-options.ts';
import type { ResolvedOptions } from '../hunyuan-options.ts';
import type { ReferenceEncoding } from './reference-padding.ts';
import { Tc3Api } from './tc3-api.ts';
import type { Tc3Service } from './tc3-api.ts';
import { createCommonClient } from '../wire/tc3-transport.ts';

/** Below 6 MB in base64. */
const maxReferenceBase64Bytes = 5_999_000;

const service: Tc3Service = {
  api: 'image-3.0',
  service: 'aiart',
  version: '2022-12-29',
  model: 'hunyuan-image-3.0',
  queryAction: 'QueryTextToImageJob',
  createClient: createCommonClient,
  guide: {
    product: 'aiart (大模型图像创作引擎)',
    consolePage: 'https://console.cloud.tencent.com/aiart',
    permissionPage: 'https://console.cloud.tencent.com/cam',
    permissions: ['aiart:SubmitTextToImageJob', 'aiart:QueryTextToImageJob'],
    billingPage: 'https://console.cloud.tencent.com/expense/overview',
    credentials: say('key-pair'),
    keyPage,
    successor: say('image-3-at'),
  },
};

/** Hunyuan Image 3.0: service aiart, version 2022-12-29, SubmitTextToImageJob and QueryTextToImageJob. */
export class Image3Api extends Tc3Api {
  /** Per action, region and sub-account (https://cloud.tencent.com/document/product/1668/88077). */
  readonly requestsPerSecond = 20;
  readonly capabilities: BackendCapabilities;
  readonly references: ReferenceEncoding = {
    minSide: 50,
    maxSide: 5000,
    maxBase64Bytes: maxReferenceBase64Bytes,
    maxTotalBase64Bytes: maxBodyBytes - 200_000,
    mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/tiff', 'image/bmp'],
    pad: true,
  };

  /** @throws {ImageError} as `Tc3Api` does. */
  constructor(options: ResolvedOptions) {
    super(options, service);
    this.capabilities = imageCapabilities(options.rewritePrompt);
  }

  buildSubmit(request: ImageRequest, references: readonly string[]): ApiCall {
    const { prompt, size, seed } = request;
    const body = {
      Prompt: prompt,
      ...(references.length === 0 ? {} : { Images: references }),
      Resolution: `${size.width}:${size.height}`,
      ...(seed === undefined ? {} : { Seed: seed }),
      ...this.switches(request),
    };
    checkBodySize(body);
    return { action: 'SubmitTextToImageJob', body };
  }
}
