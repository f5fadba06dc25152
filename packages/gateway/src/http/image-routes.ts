import type { OpenAPIHono, z } from '@hono/zod-openapi';
import type { HttpBindings } from '@hono/node-server';
import { canonicalJson, sha256Hex } from '@holodeck/core/backend';
import type { Language } from '@holodeck/core/messages';
import { assertSessionId } from '@holodeck/hybrid';
import type { Context } from 'hono';
import { say } from '../jobs/gateway-messages.ts';
import { isFinal } from '../jobs/job-record.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import type { JobService } from '../jobs/job-service.ts';
import type { GatewayEnvironment } from './access.ts';
import { addRoute } from './describe-route.ts';
import { sendJobId } from './early-id.ts';
import { streamEvents } from './event-stream.ts';
import { answerOfFailure, GatewayError } from './gateway-error.ts';
import { describeImages, imagesOfJob, readImage, viewOfJob } from './job-view.ts';
import type { Addresses } from './job-view.ts';
import { readImageRequest } from './read-image-request.ts';
import type { ImageCall } from './read-image-request.ts';
import { editBody, generationBody, imagesAnswer, parseBody } from './schemas.ts';
import { Undelivered } from './undelivered.ts';
import { checkWebhook } from './webhooks.ts';
import type { Webhooks } from './webhooks.ts';

type GatewayContext = Context<GatewayEnvironment>;

/** A connection may wait for as long as a timer can hold. */
const forever = 2 ** 31 - 1;

/** OpenAI's Images protocol over all backends. */
export function addImageRoutes(app: OpenAPIHono<GatewayEnvironment>, service: JobService, webhooks: Webhooks): void {
  const undelivered = new Undelivered();
  const images = { answer: imagesAnswer, tag: 'Images' };
  addRoute(
    app,
    'post',
    '/v1/images/generations',
    { ...images, summary: 'Make images', body: generationBody },
    async (context) => {
      const body = await readJson(context, generationBody);
      return answer(
        context,
        await readImageRequest(service, context.get('caller'), body, sessionOf(context)),
        'generation',
      );
    },
  );
  addRoute(
    app,
    'post',
    '/v1/images/edits',
    { ...images, summary: 'Make images from pictures', body: editBody },
    async (context) => {
      const isForm = context.req.header('content-type')?.startsWith('multipart/form-data') === true;
      const body = isForm
        ? parseBody(editBody, await readForm(context), context.get('language'))
        : await readJson(context, editBody);
      return answer(context, await readImageRequest(service, context.get('caller'), body, sessionOf(context)), 'edit');
    },
  );

  async function answer(context: GatewayContext, call: ImageCall, kind: 'generation' | 'edit'): Promise<Response> {
    const { request, delivery } = call;
    const caller = context.get('caller');
    const webhook = await checkWebhook(webhooks, caller, delivery.webhook);
    const idempotencyKey = context.req.header('idempotency-key');
    const name = `${caller.key}\n${sha256Hex(canonicalJson(request))}`;
    const isRetry = Number(context.req.header('x-stainless-retry-count') ?? 0) > 0;
    const earlier = isRetry && idempotencyKey === undefined ? undelivered.find(name) : undefined;
    const found = earlier === undefined ? undefined : await service.get(caller, earlier);
    const record =
      found ??
      (await service.start(caller, request, {
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...(webhook === undefined ? {} : { webhook }),
      }));
    sendJobId(context, record.id);
    if (delivery.isAsync || /\brespond-async\b/.test(context.req.header('prefer') ?? '')) {
      return context.json(viewOfJob(record, addressesOf(context)), 202);
    }
    const delivered = undelivered.add(name, record);
    const { outgoing } = context.env as unknown as HttpBindings;
    outgoing.once('close', () => delivered(outgoing.writableFinished));
    if (delivery.stream) return streamImages(context, record, call, kind);
    const ended = (await service.wait(caller, record.id, forever, context.req.raw.signal)) ?? record;
    const failed = failureOf(ended, context.get('language'));
    if (failed !== undefined) return context.json(failed.body, failed.status, failed.headers);
    const body = await imagesOfJob(ended, service.outputDir, addressesOf(context), delivery.asUrl);
    return context.body(body, 200, { 'content-type': 'application/json' });
  }

  function streamImages(context: GatewayContext, record: JobRecord, call: ImageCall, kind: string): Response {
    const { request, delivery } = call;
    const caller = context.get('caller');
    const { signal } = context.req.raw;
    return streamEvents(context, async (stream) => {
      let previews = 0;
      const send = (type: string, data: Readonly<Record<string, unknown>>): Promise<void> =>
        stream.writeSSE({ event: type, data: JSON.stringify({ type, ...data }) });
      const stop = service.onEvent(record.id, (_part, event) => {
        if (event.type !== 'progress' || event.progress.type !== 'preview' || previews >= delivery.previews) return;
        const { bytes, mediaType } = event.progress;
        void send(`image_${kind}.partial_image`, {
          b64_json: Buffer.from(bytes).toString('base64'),
          partial_image_index: previews,
          created_at: Math.floor(Date.now() / 1000),
          size: request.size ?? 'auto',
          quality: request.options?.['quality'] ?? 'auto',
          background: request.background ?? 'auto',
          output_format: mediaType.replace('image/', ''),
        });
        previews += 1;
      });
      try {
        const ended = (await service.wait(caller, record.id, forever, signal)) ?? record;
        const failed = failureOf(ended, context.get('language'));
        if (failed !== undefined) return await send('error', { ...failed.body });
        for (const [index, image] of ended.images.entries()) {
          const b64 = (await readImage(service.outputDir, image)).toString('base64');
          // The last event has the usage of all images, so that its reader may add them up.
          const isLast = index === ended.images.length - 1;
          const described = {
            background: 'auto',
            quality: 'auto',
            usage: {},
            ...describeImages(ended, request, ended.usage && (isLast ? ended.usage : {})),
          };
          await send(`image_${kind}.completed`, {
            b64_json: b64,
            created_at: Math.floor(Date.now() / 1000),
            ...described,
          });
        }
      } finally {
        stop();
      }
    });
  }
}

/** The error answer of a job without images, in a language; undefined if it has some. */
function failureOf(record: JobRecord, language: Language): ReturnType<typeof answerOfFailure> | undefined {
  if (record.status === 'succeeded') return undefined;
  const [failure] = record.failures;
  if (failure !== undefined && isFinal(record)) return answerOfFailure(failure.error, language, record.id);
  const said = record.status === 'cancelled' ? say('job-cancelled') : say('stopping');
  const kind = record.status === 'cancelled' ? 'aborted' : 'unavailable';
  const error = { kind, outcome: 'not-submitted', retryable: true, backend: 'core', ...said } as const;
  return answerOfFailure(error, language, record.id);
}

/** The parts of an address in answers. */
export function addressesOf(context: GatewayContext): Addresses {
  return { caller: context.get('caller'), origin: new URL(context.req.url).origin, language: context.get('language') };
}

/** The body of a request, as JSON that fits a schema. @throws GatewayError 400 */
export async function readJson<T extends z.ZodType>(context: GatewayContext, schema: T): Promise<z.output<T>> {
  return parseBody(schema, await readBody(context.req.json(), 'not-json'), context.get('language'));
}

async function readBody<T>(reading: Promise<T>, otherwise: 'not-json' | 'not-form'): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError(400, 'invalid-request', say(otherwise));
  }
}

function sessionOf(context: GatewayContext): string | undefined {
  const id = context.req.header('x-holodeck-session');
  if (id === undefined) return undefined;
  const session = decoded(id);
  assertSessionId(session);
  return session;
}

/** Headers carry ASCII only. A percent sign is not part of any id, so what cannot be decoded is refused as it stands. */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** The fields of a multipart edit as its JSON form has them. @throws GatewayError 400 */
async function readForm(context: GatewayContext): Promise<unknown> {
  const form = await readBody(context.req.formData(), 'not-form');
  const images: { image_url: string }[] = [];
  const fields: Record<string, unknown> = {};
  for (const [name, value] of form.entries()) {
    if (typeof value !== 'string') {
      const bytes = Buffer.from(await value.arrayBuffer());
      const picture = { image_url: `data:image/png;base64,${bytes.toString('base64')}` };
      if (name === 'mask') fields['mask'] = picture;
      else if (/^image(?:\[\d*\])?$/.test(name)) images.push(picture);
    } else fields[name] = formValue(name, value);
  }
  if (images.length === 0) throw new GatewayError(400, 'invalid-request', say('no-edit-image'), 'image');
  return { ...fields, images };
}

const numbers = new Set(['n', 'output_compression', 'partial_images', 'seed']);

/** Forms carry text only. */
function formValue(name: string, value: string): unknown {
  if (numbers.has(name)) return Number(value);
  if (name === 'stream' || (name === 'background' && value === 'true')) return value === 'true';
  return value;
}
