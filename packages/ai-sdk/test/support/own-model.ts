import { APICallError } from '@ai-sdk/provider';
import type { ImageModelV3, ImageModelV4, ImageModelV4CallOptions } from '@ai-sdk/provider';

/** Where a model of our own is, and which specification it follows. */
export interface OwnModelOptions {
  readonly version: 'v3' | 'v4';
  readonly apiKey: string;
  readonly baseURL: string;
}

/**
 * An image model of our own, as small as the specification allows: what a user would write by hand. It speaks to a server with
 * OpenAI's routes, and reports errors as provider packages do.
 */
export function ownModel(options: OwnModelOptions): ImageModelV3 | ImageModelV4 {
  const common = { provider: 'own.image', modelId: 'gpt-image-2', maxImagesPerCall: 4 };
  return options.version === 'v3'
    ? {
        ...common,
        specificationVersion: 'v3',
        doGenerate: async (call) => ({ ...(await generate(options, call as ImageModelV4CallOptions)), warnings: [] }),
      }
    : {
        ...common,
        specificationVersion: 'v4',
        doGenerate: async (call) => {
          const { images, response } = await generate(options, call);
          return {
            images: images.map((image) => Uint8Array.from(Buffer.from(image, 'base64'))),
            warnings: [],
            response,
          };
        },
      };
}

async function generate({ apiKey, baseURL }: OwnModelOptions, call: ImageModelV4CallOptions) {
  const { prompt, n, size, files, abortSignal } = call;
  const values = { model: 'gpt-image-2', prompt, n, size };
  const isEdit = files !== undefined;
  const url = `${baseURL}/images/${isEdit ? 'edits' : 'generations'}`;
  // A form of its own for pictures, JSON otherwise.
  const form = new FormData();
  if (isEdit) {
    for (const [name, value] of Object.entries(values)) if (value !== undefined) form.set(name, String(value));
    for (const file of files) {
      if (file.type !== 'file' || typeof file.data === 'string') throw new Error('This model takes bytes.');
      const { data, mediaType } = file;
      form.append('image[]', new Blob([Uint8Array.from(data)], { type: mediaType }), 'reference');
    }
  }
  const failed = (fields: Partial<ConstructorParameters<typeof APICallError>[0]>): APICallError =>
    new APICallError({ message: 'The request failed.', url, requestBodyValues: values, ...fields });
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        connection: 'close',
        ...(isEdit ? {} : { 'content-type': 'application/json' }),
      },
      body: isEdit ? form : JSON.stringify(values),
      ...(abortSignal === undefined ? {} : { signal: abortSignal }),
    });
    text = await response.text();
  } catch (error) {
    throw failed({ cause: error });
  }
  const answer = readJson(text) as { error?: { message: string }; data?: { b64_json: string }[] } | undefined;
  if (!response.ok) {
    throw failed({
      statusCode: response.status,
      responseHeaders: Object.fromEntries(response.headers),
      responseBody: text,
      ...(answer?.error === undefined ? {} : { data: answer, message: answer.error.message }),
    });
  }
  if (answer?.data === undefined) throw failed({ statusCode: response.status, message: 'The answer has no images.' });
  return {
    images: answer.data.map(({ b64_json: image }) => image),
    response: { timestamp: new Date(), modelId: 'gpt-image-2', headers: Object.fromEntries(response.headers) },
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
