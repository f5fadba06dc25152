import { join } from 'node:path';
import { z } from '@hono/zod-openapi';
import { ImageError } from '@holodeck/core';
import { canonicalJson } from '@holodeck/core/backend';
import { labelPicture, readMetadata } from '@holodeck/core/labels';
import { assertSessionId, manifestFileName } from '@holodeck/hybrid';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { say } from '../jobs/gateway-messages.ts';
import { isFinal } from '../jobs/job-record.ts';
import type { JobRecord, SceneJobRequest } from '../jobs/job-record.ts';
import type { JobService } from '../jobs/job-service.ts';
import { objectsOf, sceneIdOf } from '../jobs/scene-request.ts';
import { words } from '../jobs/words.ts';
import { ownSessionId, storedSessionId } from '../keys/caller.ts';
import type { Caller } from '../keys/caller.ts';
import { jobResult, jobsResult, planResult, resultOfJob } from './job-result.ts';
import type { AddressOf } from './job-result.ts';
import { planScene } from './plan-scene.ts';

/** What `createMcpServer` takes. */
export interface McpOptions {
  readonly service: JobService;
  readonly caller: Caller;
  readonly addressOf: AddressOf;
}

/** A tool call of an agent is often cut after 30 s: a wait ends earlier and is asked again. */
const longestWaitSeconds = 25;
/** Of pictures for the eye, in pixels. */
const viewSide = 768;
const listed = 50;

const objects = z
  .array(
    z.union([
      words(200),
      z.object({
        id: z.string().max(64).optional(),
        name: words(200),
        description: z.string().max(8000).optional(),
      }),
    ]),
  )
  .max(50)
  .describe('Objects of the scene: names, or names with descriptions.');
const sceneFields = {
  text: words(8000).describe('The scene, in any language.'),
  style: words(2000).optional().describe('A look in words, such as watercolour.'),
  objects: objects.default([]),
};
const mayPayTwiceField = z
  .boolean()
  .default(false)
  .describe('Send again what may have been paid for (outcome unknown). Ask the user first.');
const free = { readOnlyHint: true, openWorldHint: true };
const mayPay = { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true };
const paidNote =
  'May cost money, within the limit that was set at start. The same call again finds the same job and pays nothing.';

/** The tools and resources of an agent, over a job service. One server for each connection. */
export function createMcpServer({ service, caller, addressOf }: McpOptions): McpServer {
  const server = new McpServer(
    { name: 'holodeck-image', version: '1' },
    { capabilities: { tools: {}, resources: {} } },
  );
  const answer = (record: JobRecord): CallToolResult => resultOf(resultOfJob(caller, record, addressOf));
  const startScene = async (
    id: string,
    request: Omit<SceneJobRequest, 'kind' | 'session'>,
    mayPayTwice = false,
  ): Promise<CallToolResult> => {
    assertSessionId(id);
    const session = storedSessionId(caller, id);
    const record = await service.startScene(caller, { kind: 'scene', session, ...request }, { mayPayTwice });
    const isToRepeat = mayPayTwice && record.status === 'failed';
    return answer((isToRepeat ? await service.again(caller, record.id, true) : undefined) ?? record);
  };

  server.registerTool(
    'plan_scene',
    {
      description: 'Show which backend would make a scene, with which prompts, and what it would cost. Free.',
      inputSchema: z.object(sceneFields),
      outputSchema: planResult,
      annotations: free,
    },
    guarded(async ({ text, style, objects: wanted }) =>
      resultOf({ ...(await planScene(service, caller, { text, style, objects: objectsOf(wanted) })) }),
    ),
  );
  server.registerTool(
    'start_scene',
    {
      description: `Start a scene: its reference picture, then a card for each object in the same look. ${paidNote} Follow it with wait.`,
      inputSchema: z.object({
        id: z.string().max(64).optional().describe('Default: made from the text.'),
        ...sceneFields,
      }),
      outputSchema: jobResult,
      annotations: mayPay,
    },
    guarded(async ({ id, text, style, objects: wanted }) => {
      const request = { text, objects: objectsOf(wanted), ...(style === undefined ? {} : { style }) };
      return startScene(id ?? sceneIdOf(text, canonicalJson(request)), request);
    }),
  );
  server.registerTool(
    'add_cards',
    {
      description: `Add cards to a scene, in its look. ${paidNote}`,
      inputSchema: z.object({ scene: z.string(), objects: objects.min(1) }),
      outputSchema: jobResult,
      annotations: mayPay,
    },
    guarded(async ({ scene, objects: wanted }) => startScene(scene, { objects: objectsOf(wanted) })),
  );
  server.registerTool(
    'regenerate',
    {
      description: `Make one image of a scene again. Another seed gives another picture. ${paidNote}`,
      inputSchema: z.object({
        scene: z.string(),
        asset: z.string().describe('scene-reference or card/<id>'),
        seed: z.number().int().min(0),
        may_pay_twice: mayPayTwiceField,
      }),
      outputSchema: jobResult,
      annotations: mayPay,
    },
    guarded(async ({ scene, asset, seed, may_pay_twice: mayPayTwice }) =>
      startScene(scene, { objects: [], again: { asset, seed } }, mayPayTwice),
    ),
  );
  server.registerTool(
    'make_image',
    {
      description: `Make one image outside any scene. ${paidNote}`,
      inputSchema: z.object({
        prompt: words(8000),
        backend: z.string().default('auto'),
        size: z
          .string()
          .regex(/^\d+x\d+$/)
          .optional(),
        seed: z.number().int().min(0).optional(),
      }),
      outputSchema: jobResult,
      annotations: mayPay,
    },
    guarded(async ({ prompt, backend, size, seed }) => {
      const request = {
        kind: 'image',
        prompt,
        backend,
        count: 1,
        ...(size && { size }),
        ...(seed !== undefined && { seed }),
      } as const;
      if (backend !== 'auto' && !service.clients.names.includes(backend)) {
        const known = ['auto', ...service.clients.names].join(', ');
        throw new ImageError({
          kind: 'invalid-request',
          outcome: 'not-submitted',
          ...say('model-unknown', { model: backend, known }),
        });
      }
      return answer(await service.start(caller, request, { idempotencyKey: canonicalJson(request) }));
    }),
  );
  server.registerTool(
    'wait',
    {
      description: `Wait for a job, at most ${longestWaitSeconds} s; call it again while the status is queued or running.`,
      inputSchema: z.object({
        job: z.string(),
        seconds: z.number().min(0).max(longestWaitSeconds).default(longestWaitSeconds),
      }),
      outputSchema: jobResult,
      annotations: free,
    },
    guarded(async ({ job, seconds }, context) => {
      const stop = reportProgress(service, job, context);
      try {
        return answer(known(job, await service.wait(caller, job, seconds * 1000, context.mcpReq.signal)));
      } finally {
        stop();
      }
    }),
  );
  server.registerTool(
    'status',
    {
      description: 'Look at a job without waiting.',
      inputSchema: z.object({ job: z.string() }),
      outputSchema: jobResult,
      annotations: free,
    },
    guarded(async ({ job }) => answer(known(job, await service.wait(caller, job, 0)))),
  );
  server.registerTool(
    'get_image',
    {
      description: 'See an image of a job, reduced; the answer names the whole file.',
      inputSchema: z.object({ job: z.string(), number: z.number().int().min(1).default(1) }),
      annotations: free,
    },
    guarded(async ({ job, number }) => {
      const record = known(job, await service.get(caller, job));
      const image = record.images[number - 1];
      if (image === undefined) throw notFound(say('image-unknown', { job, number }));
      const view = await reduced(join(service.outputDir, ...image.path.split('/')));
      return {
        content: [
          { type: 'image', data: view.toString('base64'), mimeType: 'image/webp' },
          { type: 'text', text: addressOf(record, number - 1) },
        ],
      };
    }),
  );
  server.registerTool(
    'resume',
    {
      description:
        'Go on with jobs that an earlier server left open, or run one that failed again. What was paid for is collected, not paid again.',
      inputSchema: z.object({
        job: z.string().optional().describe('One that is over. Default: all that are open.'),
        may_pay_twice: mayPayTwiceField,
      }),
      outputSchema: jobsResult,
      annotations: { ...mayPay, idempotentHint: false },
    },
    guarded(async ({ job, may_pay_twice: mayPayTwice }) => {
      if (job !== undefined) {
        const begun = known(job, await service.again(caller, job, mayPayTwice));
        return resultOf({ jobs: [resultOfJob(caller, begun, addressOf)] });
      }
      const open = (await service.list(caller)).filter((record) => !isFinal(record)).slice(0, listed);
      const driven = await Promise.all(
        open.map(async (record) => (await service.wait(caller, record.id, 0)) ?? record),
      );
      return resultOf({ jobs: driven.map((record) => resultOfJob(caller, record, addressOf)) });
    }),
  );
  server.registerTool(
    'list',
    {
      description: `List the latest ${listed} jobs.`,
      inputSchema: z.object({}),
      outputSchema: jobsResult,
      annotations: free,
    },
    guarded(async () => {
      const latest = (await service.list(caller)).slice(0, listed);
      return resultOf({ jobs: latest.map((record) => resultOfJob(caller, record, addressOf)) });
    }),
  );
  addResources(server, service, caller);
  return server;
}

function addResources(server: McpServer, service: JobService, caller: Caller): void {
  const list = async (): Promise<{ resources: { uri: string; name: string; mimeType: string }[] }> => {
    const ids = (await service.clients.sessions(caller).sessions()).flatMap(
      ({ sessionId }) => ownSessionId(caller, sessionId) ?? [],
    );
    return {
      resources: ids.map((id) => ({
        uri: `holodeck://scenes/${encodeURIComponent(id)}`,
        name: id,
        mimeType: 'application/json',
      })),
    };
  };
  server.registerResource(
    'scene',
    new ResourceTemplate('holodeck://scenes/{id}', { list }),
    {
      title: 'Scene',
      description: 'The manifest of a scene: each image, its prompt and where it comes from.',
      mimeType: 'application/json',
    },
    async (uri, { id }) => {
      const session = sessionOf(service, caller, String(id));
      const text = await readFile(join(await session.folder, manifestFileName), 'utf8').catch(() => {
        throw notFound(say('scene-unknown', { scene: String(id) }));
      });
      return { contents: [{ uri: uri.href, mimeType: 'application/json', text }] };
    },
  );
  server.registerResource(
    'picture',
    new ResourceTemplate('holodeck://scenes/{id}/{+asset}', { list: undefined }),
    { title: 'Picture of a scene', description: 'scene-reference or card/<id>, reduced.', mimeType: 'image/webp' },
    async (uri, { id, asset }) => {
      const session = sessionOf(service, caller, String(id));
      const found = (await session.assets).find((one) => one.id === decodeURIComponent(String(asset)));
      if (found?.path == null) throw notFound(say('scene-unknown', { scene: String(id) }));
      const view = await reduced(join(await session.folder, ...found.path.split('/')));
      return { contents: [{ uri: uri.href, mimeType: 'image/webp', blob: view.toString('base64') }] };
    },
  );
}

function sessionOf(
  service: JobService,
  caller: Caller,
  id: string,
): ReturnType<ReturnType<JobService['clients']['sessions']>['session']> {
  const own = decodeURIComponent(id);
  assertSessionId(own);
  return service.clients.sessions(caller).session(storedSessionId(caller, own));
}

/** Passes the job's states on, if the client wants to know. */
function reportProgress(service: JobService, job: string, { mcpReq }: ServerContext): () => void {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  let progress = 0;
  return service.onEvent(job, (part, event) => {
    if (event.type !== 'state' && event.type !== 'waiting') return;
    const message = event.type === 'state' ? `${part}: ${event.state}` : `${part}: ${event.reason}`;
    progress += 1;
    void mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, message } });
  });
}

/** An error of ours is the tool's answer, so that the agent reads what to do; anything else is a fault. */
function guarded<Input>(
  tool: (input: Input, context: ServerContext) => Promise<CallToolResult>,
): (input: Input, context: ServerContext) => Promise<CallToolResult> {
  return async (input, context) => {
    try {
      return await tool(input, context);
    } catch (error) {
      if (!ImageError.isInstance(error)) throw error;
      return { isError: true, content: [{ type: 'text', text: `${error.message} (${error.kind}, ${error.outcome})` }] };
    }
  };
}

function resultOf(value: Record<string, unknown>): CallToolResult {
  return { structuredContent: value, content: [{ type: 'text', text: JSON.stringify(value) }] };
}

function known(job: string, record: JobRecord | undefined): JobRecord {
  if (record === undefined) throw notFound(say('job-unknown', { job }));
  return record;
}

function notFound(said: ReturnType<typeof say>): ImageError {
  return new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', code: 'not-found', ...said });
}

/** A picture that fits into an agent's view; it says the same about its making. */
async function reduced(file: string): Promise<Buffer> {
  const bytes = await readFile(file);
  const picture = await sharp(bytes)
    .resize(viewSide, viewSide, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer();
  return Buffer.from(labelPicture(picture, readMetadata(bytes)));
}
