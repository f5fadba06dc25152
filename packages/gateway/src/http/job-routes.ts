import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { say } from '../jobs/gateway-messages.ts';
import type { JobService } from '../jobs/job-service.ts';
import type { GatewayEnvironment } from './access.ts';
import { addRoute } from './describe-route.ts';
import { GatewayError } from './gateway-error.ts';
import { addressesOf, readJson } from './image-routes.ts';
import { viewOfJob } from './job-view.ts';
import { jobAnswer, resubmitBody } from './schemas.ts';

/** The longest wait of one call, so that proxies do not cut it. */
const longestWaitSeconds = 60;
const pageSize = 100;

/** Jobs by id: look, wait, list, cancel, fetch. */
export function addJobRoutes(app: OpenAPIHono<GatewayEnvironment>, service: JobService): void {
  const one = { answer: jobAnswer, tag: 'Jobs' };
  addRoute(
    app,
    'get',
    '/v1/jobs/:id',
    { ...one, summary: 'Look at a job; ?wait=25 waits for its end' },
    async (context) => {
      const id = idOf(context);
      const waitMs = waitOf(context) * 1000;
      const record = await service.wait(context.get('caller'), id, waitMs, context.req.raw.signal);
      if (record === undefined) throw unknownJob(id);
      return context.json(viewOfJob(record, addressesOf(context)));
    },
  );
  const list = z.object({ object: z.literal('list'), data: z.array(jobAnswer), has_more: z.boolean() });
  addRoute(
    app,
    'get',
    '/v1/jobs',
    { answer: list, tag: 'Jobs', summary: 'List jobs, the latest first; ?after=<id>' },
    async (context) => {
      const records = await service.list(context.get('caller'));
      const after = context.req.query('after');
      const from = after === undefined ? 0 : records.findIndex(({ id }) => id === after) + 1;
      const page = records.slice(from, from + pageSize);
      const data = page.map((record) => viewOfJob(record, addressesOf(context)));
      return context.json({ object: 'list', data, has_more: from + page.length < records.length });
    },
  );
  addRoute(app, 'delete', '/v1/jobs/:id', { ...one, summary: 'Cancel a job' }, async (context) => {
    const id = idOf(context);
    const record = await service.cancel(context.get('caller'), id);
    if (record === undefined) throw unknownJob(id);
    return context.json(viewOfJob(record, addressesOf(context)));
  });
  const resubmit = { ...one, body: resubmitBody, status: 202 };
  addRoute(
    app,
    'post',
    '/v1/jobs/:id/resubmit',
    { ...resubmit, summary: 'Run a job that is over again; what exists is found, what failed is tried again' },
    async (context) => {
      const id = idOf(context);
      const caller = context.get('caller');
      const { may_pay_twice: mayPayTwice } = await readJson(context, resubmitBody);
      const record = await service.get(caller, id);
      if (record === undefined) throw unknownJob(id);
      if (!mayPayTwice && record.failures.some(({ error }) => error.outcome === 'unknown')) {
        throw new GatewayError(409, 'may-pay-twice', say('may-pay-twice', { job: id }), 'may_pay_twice');
      }
      const begun = (await service.again(caller, id, mayPayTwice)) ?? record;
      return context.json(viewOfJob(begun, addressesOf(context)), 202);
    },
  );
  addRoute(app, 'get', '/v1/jobs/:id/images/:number', { tag: 'Jobs', summary: 'Fetch an image' }, async (context) => {
    const id = idOf(context);
    const number = Number(context.req.param('number'));
    const record = await service.get(context.get('caller'), id);
    if (record === undefined) throw unknownJob(id);
    const image = record.images[number - 1];
    if (image === undefined) throw new GatewayError(404, 'not-found', say('image-unknown', { job: id, number }));
    return sendPicture(join(service.outputDir, ...image.path.split('/')), image.mediaType);
  });
}

/** A picture as an answer, streamed. @throws GatewayError 404 if the file is gone. */
export async function sendPicture(file: string, mediaType: string): Promise<Response> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile()) throw new GatewayError(404, 'file-gone', say('file-gone'));
  return new Response(Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': mediaType,
      'content-length': String(found.size),
      'cache-control': 'private, max-age=3600',
    },
  });
}

/** Seconds of `?wait=`, at most 60. Default 0. */
export function waitOf(context: Context): number {
  const seconds = Number(context.req.query('wait') ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), longestWaitSeconds) : 0;
}

function idOf(context: Context): string {
  const id = context.req.param('id') ?? '';
  if (!/^job_[0-9a-f]{24}$/.test(id)) throw unknownJob(id.slice(0, 64));
  return id;
}

function unknownJob(job: string): GatewayError {
  return new GatewayError(404, 'not-found', say('job-unknown', { job }));
}
