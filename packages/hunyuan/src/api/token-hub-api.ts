import type { BackendCapabilities, ImageRequest } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { checkBodySize, maxBodyBytes } from './api-checks.ts';
import { HubApi, jobModel } from './hub-api.ts';
import type { ApiCall } from './hunyuan-api.ts';
import { imageCapabilities } from '../hunyuan-capabilities.ts';
import { say } from '../hunyuan-messages.ts';
import type { ResolvedOptions } from '../hunyuan-options.ts';
import type { HunyuanLogoParam } from '../hunyuan-provider-options.ts';
import { readText } from '../wire/hunyuan-wire.ts';
import type { WireAnswer } from '../wire/hunyuan-wire.ts';
import type { ReferenceEncoding } from './reference-padding.ts';

/**
 * Image 3.0 through TokenHub: an API key instead of a key pair, the fields of aiart in snake case
 * (https://cloud.tencent.com/document/product/1823/130080).
 */
export class TokenHubApi extends HubApi {
  readonly capabilities: BackendCapabilities;
  readonly references: ReferenceEncoding = {
    minSide: 50,
    maxSide: 5000,
    maxBase64Bytes: 5_999_000,
    maxTotalBase64Bytes: maxBodyBytes - 200_000,
    mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/tiff', 'image/bmp'],
    pad: true,
  };
  readonly notice: Message = say('newer-model');
  readonly #options: ResolvedOptions;

  /** @throws {ImageError} as `HubApi` does. */
  constructor(options: ResolvedOptions) {
    super(options, {
      api: 'tokenhub',
      model: jobModel,
      service: 'tokenhub',
      credentials: say('api-key'),
      successor: say('use-key-pair'),
    });
    this.#options = options;
    this.capabilities = imageCapabilities(options.rewritePrompt);
  }

  buildSubmit(request: ImageRequest, references: readonly string[]): ApiCall {
    const { prompt, size, seed, providerOptions } = request;
    const logoParam = providerOptions['logoParam'] as HunyuanLogoParam | undefined;
    const watermark = providerOptions['watermark'] ?? (logoParam === undefined ? this.#options.watermark : true);
    const body = {
      model: jobModel,
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
