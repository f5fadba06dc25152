/**
 * Servers whose words differ from OpenAI's: which fields they know, where their reference pictures are, what their answers and
 * refusals look like. From their vendors' pages and types, late 2026.
 */
import { isRecord } from '../base/is-record.ts';
import type { CompatibleAnswerParts } from './compatible-server.ts';
import { OpenAIRefusal, refusal } from './openai-refusal.ts';
import type { OpenAIServerKind } from './openai-settings.ts';
import { parsePictureUrl, readCall } from './read-call.ts';
import type { ReadCall } from './read-call.ts';

type Values = Readonly<Record<string, unknown>>;
type Body = Readonly<Record<string, unknown>>;

interface ProfileServer {
  /** Path of generations, below the base. */
  readonly generate: string;
  /** Path of edits; that of generations where pictures go there as well. */
  readonly edit: string;
  /** Fields besides `model` and `prompt`; others are refused. */
  readonly fields: readonly string[];
  /** The pictures of a request, in order; undefined: they are parts of a form. */
  readonly pictures?: (values: Values) => readonly unknown[];
  readonly size: (values: Values) => unknown;
  readonly count: string;
  readonly answer: (parts: CompatibleAnswerParts, urls: () => readonly string[], base64: readonly string[]) => object;
  readonly refuse: (error: OpenAIRefusal) => Body;
  /** Status and code of this server for a refusal of OpenAI's. */
  readonly codes: Readonly<Record<string, readonly [status: number, code: string | number]>>;
}

const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];
const urlOf = (value: unknown): unknown => (isRecord(value) ? value['url'] : undefined);
const openaiError = ({ message, type, code, param }: OpenAIRefusal): Body => ({
  error: { message, type, code, param },
});
const detail = ({ message }: OpenAIRefusal): Body => ({ detail: message });

const form = {
  generate: '/images/generations',
  edit: '/images/edits',
  fields: ['n', 'size', 'seed', 'negative_prompt', 'response_format', 'num_inference_steps', 'guidance_scale'],
  size: ({ size }: Values) => size,
  count: 'n',
  refuse: detail,
  codes: {},
} as const;

const servers: Partial<Readonly<Record<OpenAIServerKind, ProfileServer>>> = {
  ark: {
    generate: '/images/generations',
    edit: '/images/generations',
    fields: ['image', 'size', 'watermark', 'response_format', 'stream', 'sequential_image_generation', 'seed'],
    pictures: ({ image }) => list(image),
    size: ({ size }) => size,
    count: '',
    answer: ({ call, created }, urls) => ({
      model: call.model,
      created,
      data: urls().map((url) => ({ url, size: call.size })),
      usage: { generated_images: 1, output_tokens: 4096, total_tokens: 4096 },
    }),
    refuse: openaiError,
    codes: {
      moderation_blocked: [400, 'InputTextSensitiveContentDetected'],
      credit_balance_exhausted: [403, 'AccountOverdueError'],
      invalid_api_key: [401, 'AuthenticationError'],
      rate_limit_exceeded: [429, 'RateLimitExceeded.EndpointRPMExceeded'],
    },
  },
  xai: {
    generate: '/images/generations',
    edit: '/images/edits',
    fields: ['n', 'image', 'images', 'aspect_ratio', 'resolution', 'response_format', 'quality', 'user'],
    pictures: ({ image, images }) => [...list(image), ...list(images)].map(urlOf),
    size: sizeOfRatio,
    count: 'n',
    answer: ({ call }, urls) => ({
      data: urls().map((url) => ({ url, mime_type: `image/${call.format}`, revised_prompt: call.prompt })),
      usage: { cost_in_usd_ticks: 200_000_000 },
    }),
    // Moderation is an answer without a picture.
    refuse: ({ message, code }) =>
      code === 'moderation_blocked'
        ? { data: [{ url: '', respect_moderation: false }] }
        : { code: code ?? 'Client specified an invalid argument', error: message },
    codes: { moderation_blocked: [200, 'moderation_blocked'] },
  },
  together: {
    generate: '/images/generations',
    edit: '/images/generations',
    fields: [
      'n',
      'width',
      'height',
      'image_url',
      'reference_images',
      'steps',
      'seed',
      'guidance_scale',
      'negative_prompt',
      'response_format',
      'output_format',
    ],
    pictures: ({ image_url: url, reference_images: references }) => [...list(url), ...list(references)],
    size: ({ width, height }) => `${String(width)}x${String(height)}`,
    count: 'n',
    answer: ({ call, requestId }, urls, base64) => ({
      id: requestId,
      model: call.model,
      object: 'list',
      data:
        call.responseFormat === 'base64'
          ? base64.map((b64_json, index) => ({ index, b64_json }))
          : urls().map((url, index) => ({ index, url })),
    }),
    refuse: openaiError,
    codes: { credit_balance_exhausted: [402, 'credit_limit'] },
  },
  siliconflow: {
    generate: '/images/generations',
    edit: '/images/generations',
    fields: [
      'image_size',
      'batch_size',
      'image',
      'image2',
      'image3',
      'seed',
      'negative_prompt',
      'num_inference_steps',
      'guidance_scale',
    ],
    pictures: ({ image, image2, image3 }) => [...list(image), ...list(image2), ...list(image3)],
    size: ({ image_size: size }) => size,
    count: 'batch_size',
    answer: ({ call }, urls) => ({
      images: urls().map((url) => ({ url })),
      timings: { inference: 1.5 },
      seed: call.seed ?? 1,
    }),
    refuse: ({ message, code }) => ({ code, message, data: null }),
    codes: {
      credit_balance_exhausted: [403, 30_001],
      invalid_api_key: [401, 20_001],
      invalid_value: [400, 20_012],
      rate_limit_exceeded: [429, 50_505],
      moderation_blocked: [451, 'content_filter'],
    },
  },
  openrouter: {
    generate: '/images',
    edit: '/images',
    fields: [
      'n',
      'size',
      'input_references',
      'aspect_ratio',
      'resolution',
      'quality',
      'background',
      'output_format',
      'output_compression',
      'seed',
    ],
    pictures: ({ input_references: references }) =>
      list(references).map((reference) => urlOf(isRecord(reference) ? reference['image_url'] : undefined)),
    size: ({ size }) => size,
    count: 'n',
    answer: ({ call, created }, _urls, base64) => ({
      created,
      data: base64.map((b64_json) => ({ b64_json, media_type: `image/${call.format}` })),
      usage: { prompt_tokens: 0, completion_tokens: 4175, total_tokens: 4175, cost: 0.04 },
    }),
    refuse: ({ message, status, code }) => ({
      error: {
        code: status,
        message,
        ...(code === 'moderation' ? { metadata: { reasons: ['violence'], provider_name: 'Emulator' } } : {}),
      },
    }),
    codes: { credit_balance_exhausted: [402, 'credits'], moderation_blocked: [403, 'moderation'] },
  },
  'vllm-omni': {
    ...form,
    answer: ({ created }, _urls, base64) => ({ created, data: base64.map((b64_json) => ({ b64_json })) }),
  },
  sglang: {
    ...form,
    answer: ({ call, created }, urls) => ({
      created,
      data: urls().map((url) => ({ url: url.replace(/^https?:\/\/[^/]+/, ''), revised_prompt: call.prompt })),
    }),
  },
};

/** The server of that kind; undefined for those with OpenAI's words. */
export function profileServer(kind: OpenAIServerKind): ProfileServer | undefined {
  return servers[kind];
}

/** Reads a request into OpenAI's words: `n`, `size`, and pictures. @throws {OpenAIRefusal} for unknown and missing fields. */
export async function readProfileCall(
  server: ProfileServer,
  contentType: string,
  body: Buffer,
  operation: 'generate' | 'edit',
): Promise<ReadCall> {
  const isForm = server.pictures === undefined;
  const read = await readCall(contentType, body, isForm ? operation : 'generate', undefined, isForm);
  const values = read.parameters;
  for (const name of Object.keys(values)) {
    if (name !== 'model' && name !== 'prompt' && !server.fields.includes(name)) {
      throw refusal('invalid_value', { param: name, message: `Argument not supported: ${name}` });
    }
  }
  const { prompt } = values;
  if (typeof prompt !== 'string' || prompt === '') throw refusal('invalid_value', { message: 'prompt required' });
  const uris = server.pictures?.(values);
  const pictures = uris === undefined ? read.pictures : uris.map((uri) => parsePictureUrl(uri, 'image'));
  if (operation === 'edit' && server.edit !== server.generate && pictures.length === 0) {
    throw refusal('invalid_value', { message: 'image required' });
  }
  const count = values[server.count];
  return {
    parameters: { ...values, size: server.size(values), ...(count === undefined ? {} : { n: count }) },
    pictures,
  };
}

/** The answer in the server's words. */
export function profileAnswer(server: ProfileServer, parts: CompatibleAnswerParts): string {
  const { call, files, requestId, origin, urls, settings } = parts;
  const addresses = (): readonly string[] =>
    files.map((content, index) => {
      const path = urls.add({ content, type: `image/${call.format}`, requestId, index }, settings.urlLifeMs);
      return `${origin}${path}`;
    });
  return JSON.stringify(
    server.answer(
      parts,
      addresses,
      files.map((file) => file.toString('base64')),
    ),
  );
}

/** A refusal in the server's words. */
export function profileRefusal(server: ProfileServer, error: OpenAIRefusal): { status: number; body: string } {
  const [status, code] = server.codes[error.code ?? ''] ?? [error.status, error.code];
  const { message, type, param } = error;
  const own = new OpenAIRefusal({ status, message, type, param, code: code as string | null });
  return { status, body: JSON.stringify(server.refuse(own)) };
}

/** About a megapixel in that ratio; four times as many in the tier 2k. */
function sizeOfRatio({ aspect_ratio: ratio = '1:1', resolution }: Values): string {
  const [wide = 1, high = 1] = String(ratio).split(':').map(Number);
  const scale = resolution === '2k' ? 2 : 1;
  const sizes = [
    [1024, 1024],
    [1280, 720],
    [720, 1280],
    [1152, 864],
    [864, 1152],
    [1248, 832],
    [832, 1248],
  ] as const;
  const [width, height] = sizes.find((size) => size[0] * high === size[1] * wide) ?? [1024, 1024];
  return `${width * scale}x${height * scale}`;
}
