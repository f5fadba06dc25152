import { isRecord } from '@holodeck/core/backend';
import type { BackendCapabilities, ImageRequest, ImageSize } from '@holodeck/core/backend';
import { HubApi } from './hub-api.ts';
import type { ApiCall } from './hunyuan-api.ts';
import { jobCapabilities, promptProblems } from '../hunyuan-capabilities.ts';
import { say } from '../hunyuan-messages.ts';
import type { ResolvedOptions } from '../hunyuan-options.ts';
import { providerOptionProblems } from '../hunyuan-provider-options.ts';
import { readRequestId, readText } from '../wire/hunyuan-wire.ts';
import type { PictureReport, WireAnswer } from '../wire/hunyuan-wire.ts';
import type { ReferenceEncoding } from './reference-padding.ts';
import { pictureOf, wandRoutes } from '../wire/wand-answer.ts';

const model = 'hy-image-v3.5-preview';
/** The whole context may have 100 000 tokens; no limit of characters is published. */
const maxPromptLength = 32_000;
/** A picture above this costs more and takes longer. */
const maxUsualPixels = 2048 * 2048;
const maxUsualReferences = 3;

/** One text for each picture: the model is told what it is by its number. */
const referenceName = (index: number): string => `Image ${index + 1} (reference for the look):`;

/**
 * Hy-Image 3.5 (https://cloud.tencent.com/document/product/1823/135745): one request that waits until the picture is drawn. There
 * is no job and no way to ask for a picture again. Sizes that the service would bend are refused.
 */
export class HyImage35Api extends HubApi {
  readonly capabilities: BackendCapabilities = {
    ...jobCapabilities,
    size: { minSide: 256, maxSide: 8192, multipleOf: 16, maxPixels: 16_777_216 },
    maxPromptLength,
    maxCount: 1,
    // Taken, but pictures of the same seed still differ.
    seed: { min: 1, max: 2_147_483_647 },
    references: {
      roles: ['style'],
      maxCount: 20,
      mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/tiff', 'image/bmp', 'image/gif'],
      maxBytes: 64 * 1024 * 1024,
    },
    progress: 'none',
    locatable: true,
    // No answer can be asked for again, so an abort is passed on at once, unless its reason says `drain`.
    submitAbortGraceMs: 0,
    validate: ({ prompt, providerOptions }) => [
      ...promptProblems(prompt, maxPromptLength),
      ...providerOptionProblems(providerOptions, {}, ['watermark', 'footnote']),
    ],
  };
  readonly references: ReferenceEncoding = {
    minSide: 50,
    maxSide: 8192,
    // 20 MB is documented for a file; what a whole request may have is not, and 10 MB are known to pass.
    maxBase64Bytes: 9_800_000,
    maxTotalBase64Bytes: 9_800_000,
    mediaTypes: ['image/png', 'image/jpeg'],
    pad: false,
  };
  readonly #options: ResolvedOptions;

  /** @throws {ImageError} as `HubApi` does. */
  constructor(options: ResolvedOptions) {
    super(options, {
      api: 'hy-image-3.5',
      model,
      service: 'hy-image-3.5',
      credentials: say('api-key-of-site'),
      successor: say('use-token-hub'),
    });
    this.#options = options;
  }

  buildSubmit(request: ImageRequest, references: readonly string[]): ApiCall {
    const { prompt, size, seed, providerOptions } = request;
    const { watermark = this.#options.watermark, footnote } = providerOptions;
    const pictures = references.flatMap((base64, index) => [
      { type: 'text', text: referenceName(index) },
      { type: 'image_url', image_url: { url: `data:${mediaTypeOf(base64)};base64,${base64}` } },
    ]);
    const body = {
      model,
      messages: [{ role: 'user', content: [...pictures, { type: 'text', text: prompt }] }],
      size: `${size.width}x${size.height}`,
      ...(references.length === 0 ? {} : { resize_max_pixels: maxUsualPixels }),
      ...(seed === undefined ? {} : { seed }),
      ...(footnote === undefined ? {} : { footnote }),
      ...(watermark === true ? { logo_add: 1 } : {}),
    };
    return {
      action: `${wandRoutes}hunyuan-image/v35-generation`,
      body,
      timeoutMs: this.#timeoutMs(size, references.length),
    };
  }

  /** It always does, but returns nothing of it. */
  rewrites(): boolean {
    return false;
  }

  /** For people and for support: there is no job. `id` begins with the account's number, so it comes second. */
  readSubmit(answer: WireAnswer): string | undefined {
    return readRequestId(answer) ?? readText(answer['id']);
  }

  readPictures(answer: WireAnswer): PictureReport {
    const url = readText(pictureOf(answer)?.['url']);
    const requestId = readRequestId(answer);
    const usage = answer['tokenhub_usage'] ?? answer['usage'];
    const tokens = isRecord(usage) ? usage['total_tokens'] : undefined;
    return {
      images: url === undefined ? [] : [{ url }],
      ...(requestId === undefined ? {} : { requestId }),
      ...(typeof tokens === 'number' && tokens >= 0 ? { totalTokens: tokens } : {}),
    };
  }

  #timeoutMs({ width, height }: ImageSize, references: number): number {
    const isLong = width * height > maxUsualPixels || references > maxUsualReferences;
    return isLong ? this.#options.longRequestTimeoutMs : this.#options.requestTimeoutMs;
  }
}

/** By the first bytes of what the encoder makes. */
function mediaTypeOf(base64: string): string {
  return base64.startsWith('/9j/') ? 'image/jpeg' : 'image/png';
}
