import { join } from 'node:path';
import type { z } from '@hono/zod-openapi';
import { say } from '../jobs/gateway-messages.ts';
import type { ImageJobRequest, JobReference } from '../jobs/job-record.ts';
import type { JobService } from '../jobs/job-service.ts';
import { storedSessionId } from '../keys/caller.ts';
import type { Caller } from '../keys/caller.ts';
import { GatewayError } from './gateway-error.ts';
import type { editBody, generationBody } from './schemas.ts';
import { bytesOfDataUrl, keepUpload } from './uploads.ts';

/** How the images of a request are delivered. */
export interface Delivery {
  readonly isAsync: boolean;
  readonly asUrl: boolean;
  /** Whether the answer is a stream of events. */
  readonly stream: boolean;
  /** Previews in the stream. */
  readonly previews: number;
  readonly webhook: string | undefined;
}

/** An image request as a job, and how it is answered. */
export interface ImageCall {
  readonly request: ImageJobRequest;
  readonly delivery: Delivery;
}

type Body = z.output<typeof generationBody> | z.output<typeof editBody>;

/**
 * Turns a body of OpenAI's Images API into a job.
 * @throws GatewayError 400, 403 or 404 before anything is stored.
 */
export async function readImageRequest(
  service: JobService,
  caller: Caller,
  body: Body,
  session: string | undefined,
): Promise<ImageCall> {
  const backend = await backendOf(service, caller, body.model ?? 'auto');
  const { outputDir } = service;
  const images = 'images' in body ? body.images : [];
  const references: JobReference[] = [];
  for (const [index, { image_url: address }] of images.entries()) {
    references.push(await keepUpload(outputDir, bytesOfDataUrl(address), index + 1));
  }
  const mask = 'mask' in body ? body.mask?.image_url : undefined;
  if (mask !== undefined && backend !== 'openai') {
    throw new GatewayError(400, 'unsupported', say('mask-unsupported', { backend }), 'mask');
  }
  const maskFile = mask === undefined ? undefined : await keepUpload(outputDir, bytesOfDataUrl(mask), 0);
  const options = {
    ...(await withUploads(outputDir, body.provider_options ?? {})),
    ...given('quality', body.quality),
    ...given('moderation', body.moderation),
    ...given('compression', body.output_compression),
    ...('input_fidelity' in body ? given('inputFidelity', body.input_fidelity) : {}),
    // For OpenAI's own checks; no other service knows what to do with it.
    ...(backend === 'openai' ? given('user', body.user) : {}),
    ...(maskFile === undefined ? {} : { mask: join(outputDir, ...maskFile.path.split('/')) }),
  };
  const { background, stream, partial_images: previews } = body;
  const isStream = stream === true;
  const request: ImageJobRequest = {
    kind: 'image',
    prompt: body.prompt,
    backend,
    count: body.n ?? 1,
    ...given('size', body.size),
    ...given('seed', body.seed),
    ...given('negativePrompt', body.negative_prompt),
    ...(background === 'transparent' || background === 'opaque' ? { background } : {}),
    ...given('format', body.output_format),
    ...(references.length === 0 ? {} : { references }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
    ...(isStream && (previews ?? 0) > 0 ? { previews: true } : {}),
    ...(session === undefined ? {} : { session: storedSessionId(caller, session) }),
  };
  const delivery = {
    isAsync: background === true,
    asUrl: body.response_format === 'url',
    stream: isStream,
    previews: previews ?? 0,
    webhook: body.webhook ?? undefined,
  };
  return { request, delivery };
}

/** Options that name a picture by its path: a caller's must bring its bytes, so that it reaches no file of this machine. */
const pictureOptions = ['mask', 'markup'];

/** @throws GatewayError 400 for a picture that is not a `data:` address. */
async function withUploads(
  outputDir: string,
  options: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const kept: Record<string, unknown> = { ...options };
  for (const name of pictureOptions.filter((one) => Object.hasOwn(options, one))) {
    const { path } = await keepUpload(outputDir, bytesOfDataUrl(String(options[name])), 0);
    kept[name] = join(outputDir, ...path.split('/'));
  }
  return kept;
}

/** `auto`, a backend, `backend:model`, or the model of a backend. */
async function backendOf(service: JobService, caller: Caller, model: string): Promise<string> {
  if (model === 'auto') return model;
  const { names } = service.clients;
  const [name = ''] = model.split(':', 1);
  const isAllowed = caller.backends?.includes(name) ?? true;
  if (names.includes(name) && !isAllowed) {
    const allowed = caller.backends?.join(', ') ?? '';
    throw new GatewayError(403, 'backend-not-allowed', say('backend-not-allowed', { backend: name, allowed }), 'model');
  }
  const reports = await service.clients.availability(caller);
  const found = reports.find((report) =>
    [report.backend, report.model, `${report.backend}:${report.model}`].includes(model),
  );
  if (found !== undefined) return found.backend;
  const known = ['auto', ...reports.flatMap((report) => [report.backend, `${report.backend}:${report.model}`])];
  throw new GatewayError(404, 'model_not_found', say('model-unknown', { model, known: known.join(', ') }), 'model');
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | 'auto' | null | undefined,
): { readonly [K in Name]?: Exclude<Value, 'auto' | null | undefined> } {
  if (value === undefined || value === null || value === 'auto') return {};
  return { [name]: value } as { readonly [K in Name]: Exclude<Value, 'auto' | null | undefined> };
}
