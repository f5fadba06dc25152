import { z } from '@hono/zod-openapi';
import type { JobRecord } from '../jobs/job-record.ts';
import { ownSessionId } from '../keys/caller.ts';
import type { Caller } from '../keys/caller.ts';

const money = z.array(z.object({ amount: z.number(), currency: z.string() }));

/** What tools answer about a job. */
export const jobResult = z.object({
  job: z.string().describe('Give it to wait, status or get_image.'),
  scene: z.string().optional(),
  status: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
  backend: z.string().optional(),
  model: z.string().optional(),
  images: z.array(
    z.object({
      number: z.number(),
      asset: z.string().optional(),
      at: z.string().describe('Path or address of the whole picture.'),
      width: z.number(),
      height: z.number(),
    }),
  ),
  errors: z.array(z.object({ part: z.string(), message: z.string(), kind: z.string(), outcome: z.string() })),
  warnings: z.array(z.string()),
  cost: money,
});

/** What `plan_scene` answers. */
export const planResult = z.object({
  backend: z.string(),
  model: z.string(),
  images: z.array(z.object({ asset: z.string(), prompt: z.string() })),
  cost: money.describe('Estimated; empty if it is free or the price is unknown.'),
});

/** What `list` and `resume` answer. */
export const jobsResult = z.object({ jobs: z.array(jobResult) });

/** Where a client finds an image: a path on this machine, or an address. */
export type AddressOf = (record: JobRecord, index: number) => string;

/** A job as tools show it. */
export function resultOfJob(caller: Caller, record: JobRecord, addressOf: AddressOf): z.infer<typeof jobResult> {
  const { id, request, status, backend, model, images, failures, warnings, cost } = record;
  const scene = request.session === undefined ? undefined : ownSessionId(caller, request.session);
  return {
    job: id,
    ...(scene === undefined ? {} : { scene }),
    status,
    ...(backend === undefined ? {} : { backend }),
    ...(model === undefined ? {} : { model }),
    images: images.map(({ asset, width, height }, index) => ({
      number: index + 1,
      ...(asset === undefined ? {} : { asset }),
      at: addressOf(record, index),
      width,
      height,
    })),
    errors: failures.map(({ part, error: { message, kind, outcome } }) => ({ part, message, kind, outcome })),
    warnings: warnings.map(({ message }) => message),
    cost: cost.map(({ amount, currency }) => ({ amount, currency })),
  };
}
