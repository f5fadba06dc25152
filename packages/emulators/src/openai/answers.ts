/** The bodies of successful answers. */
import type { ImageCall } from './image-call.ts';

export interface Usage {
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  input_tokens_details: { text_tokens: number; image_tokens: number };
  output_tokens_details?: { image_tokens: number; text_tokens: number };
}

const tokensByQuality = { low: 272, medium: 1056, high: 4160, xhigh: 6240, max: 8320 } as const;
/** GPT Image 2 and later count by size: see `edgeFactors` of the price list. */
const factorsOf2 = { low: 16, medium: 48, high: 96, xhigh: 96, max: 96 } as const;
const factors = { low: 16, medium: 24, high: 48, xhigh: 64, max: 96 } as const;

/** Tokens of one picture: https://community.openai.com/t/1382699; older models by quality alone. */
function imageTokens({ model, quality }: ImageCall, size: string): number {
  const [width = 1024, height = 1024] = size.split('x').map(Number);
  const [, generation = '0'] = /^gpt-image-(\d+(?:\.\d+)?)/.exec(model) ?? [];
  if (Number(generation) < 2) return tokensByQuality[quality];
  const factor = (Number(generation) < 2.5 ? factorsOf2 : factors)[quality];
  const across = Math.round((factor * Math.min(width, height)) / Math.max(width, height));
  return Math.ceil((factor * across * (2_000_000 + width * height)) / 4_000_000);
}

/** Plausible counts: text by length, pictures by number, size and quality, previews 100 each. Streams lack the details of the output. */
export function usageOf(call: ImageCall, size: string, images: number, streamed: boolean): Usage {
  const text = Math.ceil(Array.from(call.prompt).length / 3);
  const input = call.images.length * 323;
  const output = images * imageTokens(call, size) + 100 * (call.partialImages ?? 0);
  return {
    input_tokens: text + input,
    output_tokens: output,
    total_tokens: text + input + output,
    input_tokens_details: { text_tokens: text, image_tokens: input },
    ...(streamed ? {} : { output_tokens_details: { image_tokens: output, text_tokens: 0 } }),
  };
}

/** What every answer repeats: the values that were really used. */
function echoes(call: ImageCall, size: string): Record<string, string> {
  return { size, quality: call.quality, background: call.background, output_format: call.format };
}

/** The JSON answer of OpenAI. */
export function jsonAnswer(call: ImageCall, size: string, pictures: readonly string[], created: number): string {
  return JSON.stringify({
    created,
    ...echoes(call, size),
    data: pictures.map((b64_json) => ({ b64_json })),
    usage: usageOf(call, size, pictures.length, false),
  });
}

/** One event of a stream. */
export function streamEvent(
  call: ImageCall,
  size: string,
  picture: string,
  created: number,
  partialIndex: number | undefined,
): string {
  const family = call.operation === 'edit' ? 'image_edit' : 'image_generation';
  const type = `${family}.${partialIndex === undefined ? 'completed' : 'partial_image'}`;
  const data = {
    type,
    ...(partialIndex === undefined ? {} : { partial_image_index: partialIndex }),
    b64_json: picture,
    created_at: created,
    ...echoes(call, size),
    ...(partialIndex === undefined ? { usage: usageOf(call, size, 1, true) } : {}),
  };
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The event that ends a stream without a picture. */
export function errorEvent(body: string): string {
  return `event: error\ndata: ${body}\n\n`;
}
