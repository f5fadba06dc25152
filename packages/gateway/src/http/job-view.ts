import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from '@hono/zod-openapi';
import { say } from '../jobs/gateway-messages.ts';
import type { JobImage, JobRecord } from '../jobs/job-record.ts';
import { ownSessionId } from '../keys/caller.ts';
import type { Caller } from '../keys/caller.ts';
import { GatewayError } from './gateway-error.ts';
import type { imagesAnswer, jobAnswer } from './schemas.ts';
import { signedAddress } from './signed-address.ts';

/** How answers name images. */
export interface Addresses {
  readonly caller: Caller;
  /** Of the request, such as `http://127.0.0.1:8787`. */
  readonly origin: string;
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
      message: error.message,
      kind: error.kind,
      outcome: error.outcome,
    })),
    warnings: warnings.map(({ message }) => message),
    cost: cost.map(({ amount, currency }) => ({ amount, currency })),
  };
}

/** The images of a finished job in OpenAI's shape. @throws GatewayError 404 if a file is gone. */
export async function imagesOfJob(
  record: JobRecord,
  outputDir: string,
  addresses: Addresses,
  asUrl: boolean,
): Promise<z.infer<typeof imagesAnswer>> {
  const { id, images, request, createdAtMs, usage } = record;
  const data = await Promise.all(
    images.map(async (image, index) => ({
      ...(asUrl
        ? { url: addressOf(id, index, addresses) }
        : { b64_json: (await readImage(outputDir, image)).toString('base64') }),
      ...(image.revisedPrompt === undefined ? {} : { revised_prompt: image.revisedPrompt }),
    })),
  );
  return { created: Math.floor(createdAtMs / 1000), data, ...describeImages(record, request, usage) };
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
