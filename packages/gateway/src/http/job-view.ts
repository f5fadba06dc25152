import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from '@hono/zod-openapi';
import { renderMessage } from '@holodeck/core/messages';
import type { Language } from '@holodeck/core/messages';
import { say } from '../jobs/gateway-messages.ts';
import type { JobImage, JobRecord } from '../jobs/job-record.ts';
import { ownSessionId } from '../keys/caller.ts';
import type { Caller } from '../keys/caller.ts';
import { GatewayError } from './gateway-error.ts';
import type { imagesAnswer, jobAnswer } from './schemas.ts';
import { signedAddress } from './signed-address.ts';

/** What answers take from their request: how they name images, and their language. */
export interface Addresses {
  readonly caller: Caller;
  /** Of the request, such as `http://127.0.0.1:8787`. */
  readonly origin: string;
  readonly language: Language;
}

/** A job as an answer shows it: no path of the server, no other key's names. */
export function viewOfJob(record: JobRecord, addresses: Addresses): z.infer<typeof jobAnswer> {
  const { id, request, status, createdAtMs, backend, model, images, failures, warnings, cost } = record;
  const scene = request.session === undefined ? undefined : ownSessionId(addresses.caller, request.session);
  return {
    id,
    object: 'job',
    kind: request.kind,
    status,
    created_at: Math.floor(createdAtMs / 1000),
    backend: backend ?? null,
    model: model ?? null,
    ...(scene === undefined ? {} : { scene }),
    images: images.map((image, index) => ({
      url: addressOf(id, index, addresses),
      ...(image.asset === undefined ? {} : { asset: image.asset }),
      media_type: image.mediaType,
      width: image.width,
      height: image.height,
      sha256: image.sha256,
      ...(image.seed === undefined ? {} : { seed: image.seed }),
      ...(image.revisedPrompt === undefined ? {} : { revised_prompt: image.revisedPrompt }),
    })),
    errors: failures.map(({ part, error }) => ({
      part,
      message: renderMessage(error, { language: addresses.language }),
      kind: error.kind,
      outcome: error.outcome,
    })),
    warnings: warnings.map((warning) => renderMessage(warning, { language: addresses.language })),
    cost: cost.map(({ amount, currency }) => ({ amount, currency })),
  };
}

/** How an image stands in an answer until its bytes are put in. */
const emptyImage = '"b64_json":""';
/** Base64 is made from so many bytes at a time, a multiple of three: one text of a whole picture keeps the garbage collector busy. */
const pieceBytes = 48 * 1024;

/** The images of a finished job in OpenAI's shape, as JSON. @throws GatewayError 404 if a file is gone. */
export async function imagesOfJob(
  record: JobRecord,
  outputDir: string,
  addresses: Addresses,
  asUrl: boolean,
): Promise<Buffer<ArrayBuffer>> {
  const { id, images, request, createdAtMs, usage } = record;
  const pictures = asUrl ? [] : await Promise.all(images.map((image) => readImage(outputDir, image)));
  const data = images.map(({ revisedPrompt }, index) => ({
    ...(asUrl ? { url: addressOf(id, index, addresses) } : { b64_json: '' }),
    ...(revisedPrompt === undefined ? {} : { revised_prompt: revisedPrompt }),
  }));
  const answer: z.infer<typeof imagesAnswer> = {
    created: Math.floor(createdAtMs / 1000),
    data,
    ...describeImages(record, request, usage),
  };
  return withPictures(JSON.stringify(answer), pictures);
}

/** Puts the pictures where the answer has empty images. No text can look like one, because its quotation marks are escaped. */
function withPictures(json: string, pictures: readonly Buffer[]): Buffer<ArrayBuffer> {
  const base64Bytes = pictures.reduce((sum, { length }) => sum + Math.ceil(length / 3) * 4, 0);
  const body = Buffer.allocUnsafeSlow(Buffer.byteLength(json) + base64Bytes);
  let at = 0;
  for (const [index, part] of json.split(emptyImage).entries()) {
    const picture = pictures[index - 1];
    if (picture !== undefined) {
      at += body.write(emptyImage.slice(0, -1), at);
      for (let from = 0; from < picture.length; from += pieceBytes)
        at += body.write(picture.toString('base64', from, from + pieceBytes), at, 'latin1');
      at += body.write('"', at);
    }
    at += body.write(part, at);
  }
  return body;
}

/** What OpenAI's answers say of their images. */
export function describeImages(
  { images }: JobRecord,
  request: JobRecord['request'],
  usage: JobRecord['usage'],
): {
  readonly background?: string;
  readonly output_format?: string;
  readonly size?: string;
  readonly quality?: string;
  readonly usage?: Record<string, unknown>;
} {
  const [first] = images;
  const quality = request.kind === 'image' ? request.options?.['quality'] : undefined;
  const background = request.kind === 'image' ? request.background : undefined;
  return {
    ...(background === undefined ? {} : { background }),
    ...(first === undefined
      ? {}
      : { output_format: first.mediaType.replace('image/', ''), size: `${first.width}x${first.height}` }),
    ...(typeof quality === 'string' ? { quality } : {}),
    ...(usage === undefined ? {} : { usage: usageOf(usage) }),
  };
}

/** The bytes of an image. @throws GatewayError 404 if its file is gone. */
export async function readImage(outputDir: string, { path }: JobImage): Promise<Buffer> {
  try {
    return await readFile(join(outputDir, ...path.split('/')));
  } catch {
    throw new GatewayError(404, 'file-gone', say('file-gone'));
  }
}

function addressOf(id: string, index: number, { caller, origin }: Addresses): string {
  return signedAddress(caller, origin, `/v1/jobs/${id}/images/${index + 1}`);
}

function usageOf(usage: NonNullable<JobRecord['usage']>): Record<string, unknown> {
  const { inputTokens = 0, outputTokens = 0 } = usage as { inputTokens?: number; outputTokens?: number };
  return { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}
