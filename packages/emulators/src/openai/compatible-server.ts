/** The habits of servers that only resemble OpenAI: unknown fields are ignored, answers differ. */
import type { ImageCall } from './image-call.ts';
import type { OpenAISettings } from './openai-settings.ts';
import { refusal } from './openai-refusal.ts';
import { readCall } from './read-call.ts';
import type { ReadCall } from './read-call.ts';
import type { UrlStore } from './url-store.ts';

/** Reads a body; only what cannot be read at all, or has no prompt, is refused. @throws {OpenAIRefusal} */
export async function readTolerantly(
  contentType: string,
  body: Buffer,
  operation: 'generate' | 'edit',
): Promise<ReadCall> {
  const call = await readCall(contentType, body, operation);
  const { prompt } = call.parameters;
  if (typeof prompt !== 'string' || prompt === '')
    throw refusal('missing_required_parameter', { message: 'prompt required' });
  return call;
}

export interface CompatibleAnswerParts {
  readonly call: ImageCall;
  readonly files: readonly Buffer[];
  readonly created: number;
  readonly requestId: string;
  readonly origin: string;
  readonly urls: UrlStore;
  readonly settings: OpenAISettings;
}

/** `sdcpp`: always base64. `compatible`: addresses, or base64 where asked for. */
export function compatibleAnswer(parts: CompatibleAnswerParts): string {
  const { call, files, created, requestId, origin, urls, settings } = parts;
  const base64 = files.map((file) => ({ b64_json: file.toString('base64') }));
  if (settings.server === 'sdcpp') return JSON.stringify({ created, data: base64, output_format: call.format });
  if (call.responseFormat === 'b64_json') return JSON.stringify({ created, data: base64 });
  const data = files.map((content, index) => {
    const path = urls.add({ content, type: `image/${call.format}`, requestId, index }, settings.urlLifeMs);
    return { url: settings.relativeUrls ? path : `${origin}${path}`, revised_prompt: call.prompt };
  });
  return JSON.stringify({
    created,
    id: requestId,
    data,
    usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
  });
}
