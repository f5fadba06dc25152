import { z } from '@hono/zod-openapi';
import type { Language } from '@holodeck/core/messages';
import { say } from '../jobs/gateway-messages.ts';
import { words } from '../jobs/words.ts';
import { GatewayError } from './gateway-error.ts';

const longestPrompt = 32_000;
const mostLevels = 32;
const text = words(longestPrompt);
const size = z.string().regex(/^(?:auto|\d{1,5}x\d{1,5})$/);

const common = {
  prompt: text,
  model: z
    .string()
    .max(200)
    .nullish()
    .describe('`auto` (default), a backend, `backend:model`, or the model of a backend.'),
  n: z.number().int().min(1).max(10).nullish(),
  size: size.nullish(),
  quality: z.string().max(40).nullish(),
  background: z
    .union([z.enum(['transparent', 'opaque', 'auto']), z.boolean()])
    .nullish()
    .describe('Of the picture; `true` answers at once with 202 and a job.'),
  output_format: z.enum(['png', 'jpeg', 'webp']).nullish(),
  output_compression: z.number().int().min(0).max(100).nullish(),
  moderation: z.enum(['low', 'auto']).nullish(),
  response_format: z.enum(['b64_json', 'url']).nullish().describe('Default `b64_json`.'),
  stream: z.boolean().nullish(),
  partial_images: z.number().int().min(0).max(3).nullish(),
  user: z.string().max(500).nullish(),
  seed: z
    .number()
    .int()
    .min(0)
    .nullish()
    .describe('Not in the protocol of OpenAI: refused where the backend takes none.'),
  negative_prompt: text.nullish().describe('Not in the protocol of OpenAI.'),
  provider_options: z
    .record(z.string(), z.unknown())
    .refine((options) => isWithin(options, mostLevels), { params: { mostLevels } })
    .nullish()
    .describe('Not in the protocol of OpenAI: further options of the backend.'),
  webhook: z.url().max(2000).nullish().describe('Not in the protocol of OpenAI: an address that is told of the end.'),
};

/** The body of `POST /v1/images/generations`. */
export const generationBody = z.object(common).openapi('ImageGeneration');

const reference = z.object({ image_url: z.string().max(64 * 2 ** 20) });

/** The JSON body of `POST /v1/images/edits`. */
export const editBody = z
  .object({
    ...common,
    images: z.array(reference).min(1).max(16),
    mask: reference.nullish(),
    input_fidelity: z.enum(['high', 'low']).nullish(),
  })
  .openapi('ImageEdit');

const object = z.union([
  words(200),
  z.object({
    id: z.string().min(1).max(64).optional(),
    name: words(200),
    description: z.string().max(longestPrompt).optional(),
  }),
]);
const objects = z.array(object).max(200);

/** The body of `POST /v1/scenes`. */
export const sceneBody = z
  .object({
    id: z.string().min(1).max(64).optional().describe('Default: made from the text.'),
    text,
    style: words(2000).optional(),
    size: size.optional(),
    seed: z.number().int().min(0).optional(),
    objects: objects.default([]),
    policy: z.enum(['fail', 'wait', 'restart']).optional(),
    webhook: z.url().max(2000).optional(),
  })
  .openapi('Scene');

/** The body of `POST /v1/scenes/{id}/cards`. */
export const cardsBody = z
  .object({
    objects: objects.min(1),
    style: words(2000).optional(),
    policy: z.enum(['fail', 'wait', 'restart']).optional(),
    without_reference: z.boolean().optional(),
    webhook: z.url().max(2000).optional(),
  })
  .openapi('Cards');

/** The body of `POST /v1/scenes/{id}/relock` and `/release`. */
export const lockBody = z
  .object({
    backend: words(64).optional(),
    discard_assets: z.boolean().optional().describe('Allows it although images exist, which are then paid for again.'),
  })
  .openapi('Lock');

/** The body of `POST /v1/jobs/{id}/resubmit`. */
export const resubmitBody = z
  .object({
    may_pay_twice: z
      .boolean()
      .default(false)
      .describe('Also sends again, once, what may have been paid for already (outcome `unknown`).'),
  })
  .openapi('Resubmission');

const money = z.object({ amount: z.number(), currency: z.string() });

/** A job as an answer shows it. */
export const jobAnswer = z
  .object({
    id: z.string(),
    object: z.literal('job'),
    kind: z.enum(['image', 'scene']),
    status: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
    created_at: z.number(),
    backend: z.string().nullable(),
    model: z.string().nullable(),
    scene: z.string().optional(),
    images: z.array(
      z.object({
        url: z.string(),
        asset: z.string().optional(),
        media_type: z.string(),
        width: z.number(),
        height: z.number(),
        sha256: z.string(),
        seed: z.number().optional(),
        revised_prompt: z.string().optional(),
      }),
    ),
    errors: z.array(z.object({ part: z.string(), message: z.string(), kind: z.string(), outcome: z.string() })),
    warnings: z.array(z.string()),
    cost: z.array(money),
  })
  .openapi('Job');

/** An error in the shape of OpenAI's API. */
export const errorAnswer = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      code: z.string(),
      param: z.string().nullable(),
      kind: z.string().optional(),
      outcome: z.string().optional().describe('Where the money stands.'),
      job: z.string().optional(),
    }),
  })
  .openapi('Error');

/** What images are answered with. */
export const imagesAnswer = z
  .object({
    created: z.number(),
    data: z.array(
      z.object({ b64_json: z.string().optional(), url: z.string().optional(), revised_prompt: z.string().optional() }),
    ),
    background: z.string().optional(),
    output_format: z.string().optional(),
    size: z.string().optional(),
    quality: z.string().optional(),
    usage: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('Images');

/** A body that fits a schema. @throws GatewayError 400 that names the first field that does not, in a language. */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown, language: Language): z.output<T> {
  const parsed = schema.safeParse(body, language === 'zh' ? { error: z.locales.zhCN().localeError } : {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const param = issue?.path.map(String).join('.') || undefined;
  const problem =
    issue?.code === 'custom'
      ? say(issue.params === undefined ? 'blank' : 'too-deep')
      : { message: issue?.message ?? '' };
  const said = say('field', { field: param ?? say('the-body'), problem });
  throw new GatewayError(400, 'invalid-request', said, param);
}

/** Whether nothing in a value lies below so many levels: what hashes and stores it calls itself at each. */
function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isWithin(member, levels - 1));
}
