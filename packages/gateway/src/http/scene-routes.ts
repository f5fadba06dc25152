import { join } from 'node:path';
import { z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { assertSessionId } from '@holodeck/hybrid';
import type { Session } from '@holodeck/hybrid';
import type { Context } from 'hono';
import { say } from '../jobs/gateway-messages.ts';
import { objectsOf, sceneIdOf } from '../jobs/scene-request.ts';
import type { JobRecord, SceneJobRequest } from '../jobs/job-record.ts';
import type { JobService } from '../jobs/job-service.ts';
import { withoutFolder } from '../jobs/without-folder.ts';
import { ownSessionId, storedSessionId } from '../keys/caller.ts';
import type { GatewayEnvironment } from './access.ts';
import { addRoute } from './describe-route.ts';
import { GatewayError } from './gateway-error.ts';
import { streamEvents } from './event-stream.ts';
import { addressesOf, readJson } from './image-routes.ts';
import { sendPicture, waitOf } from './job-routes.ts';
import { viewOfJob } from './job-view.ts';
import { cardsBody, jobAnswer, lockBody, sceneBody } from './schemas.ts';
import { checkWebhook } from './webhooks.ts';
import type { Webhooks } from './webhooks.ts';

type GatewayContext = Context<GatewayEnvironment>;

const sceneAnswer = z
  .object({
    id: z.string(),
    object: z.literal('scene'),
    state: z.enum(['free', 'claimed', 'locked']),
    backend: z.string().nullable(),
    model: z.string().nullable(),
    jobs: z.array(jobAnswer),
    assets: z.array(z.record(z.string(), z.unknown())),
  })
  .openapi('SceneState');

const shownTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
};

/** Scenes with one look: start, follow, add cards, release, fetch files. */
export function addSceneRoutes(app: OpenAPIHono<GatewayEnvironment>, service: JobService, webhooks: Webhooks): void {
  const job = { answer: jobAnswer, tag: 'Scenes', status: 202 };
  const state = { answer: sceneAnswer, tag: 'Scenes' };

  addRoute(
    app,
    'post',
    '/v1/scenes',
    { ...job, body: sceneBody, summary: 'Make a scene and its cards' },
    async (context) => {
      const { id, text, style, size, seed, objects, policy, webhook } = await readJson(context, sceneBody);
      const own = id ?? sceneIdOf(text, context.req.header('idempotency-key'));
      assertSessionId(own);
      const look = {
        ...(style && { style }),
        ...(size && size !== 'auto' && { size }),
        ...(seed !== undefined && { seed }),
      };
      const request = { text, objects: objectsOf(objects), ...look, ...(policy && { policy }) };
      return start(context, own, request, webhook);
    },
  );
  addRoute(
    app,
    'post',
    '/v1/scenes/:id/cards',
    { ...job, body: cardsBody, summary: 'Add cards to a scene' },
    async (context) => {
      const body = await readJson(context, cardsBody);
      const request = {
        objects: objectsOf(body.objects),
        ...(body.style && { style: body.style }),
        ...(body.policy && { policy: body.policy }),
        ...(body.without_reference === undefined ? {} : { withoutReference: body.without_reference }),
      };
      return start(context, idOf(context), request, body.webhook);
    },
  );
  const list = z.object({ object: z.literal('list'), data: z.array(z.record(z.string(), z.unknown())) });
  addRoute(app, 'get', '/v1/scenes', { answer: list, tag: 'Scenes', summary: 'List scenes' }, async (context) => {
    const caller = context.get('caller');
    const data = (await service.clients.sessions(caller).sessions()).flatMap((lock) => {
      const id = ownSessionId(caller, lock.sessionId);
      return id === undefined
        ? []
        : [{ id, state: lock.state, backend: lock.backend ?? null, model: lock.model ?? null }];
    });
    return context.json({ object: 'list', data });
  });
  addRoute(
    app,
    'get',
    '/v1/scenes/:id',
    { ...state, summary: 'Look at a scene; ?wait=25 waits for its jobs' },
    async (context) => {
      const id = idOf(context);
      const caller = context.get('caller');
      const endsAt = performance.now() + waitOf(context) * 1000;
      const jobs: JobRecord[] = [];
      for (const jobId of await service.jobsOfScene(storedSessionId(caller, id))) {
        const record = await service.wait(caller, jobId, endsAt - performance.now(), context.req.raw.signal);
        if (record !== undefined) jobs.push(record);
      }
      const session = await sessionOf(context, id);
      const [lock, assets] = [await session.lock, await session.assets];
      const addresses = addressesOf(context);
      return context.json({
        id,
        object: 'scene',
        state: lock.state,
        backend: lock.backend ?? null,
        model: lock.model ?? null,
        jobs: jobs.map((record) => viewOfJob(record, addresses)),
        assets: withoutFolder(assets, service.outputDir).map((asset) => ({
          ...asset,
          url:
            asset.path === null
              ? null
              : `${addresses.origin}/v1/scenes/${encodeURIComponent(id)}/files/${asset.path.split('/').map(encodeURIComponent).join('/')}`,
        })),
      });
    },
  );
  addRoute(
    app,
    'get',
    '/v1/scenes/:id/events',
    { tag: 'Scenes', summary: 'Follow a scene as server-sent events' },
    async (context) => {
      const session = await sessionOf(context, idOf(context));
      const after = Number(context.req.header('last-event-id') ?? 0);
      const { signal } = context.req.raw;
      return streamEvents(context, async (stream) => {
        const from = Number.isSafeInteger(after) && after > 0 ? { after } : {};
        for await (const event of session.events({ signal, ...from })) {
          await stream.writeSSE({
            id: String(event.sequence),
            event: event.type,
            data: JSON.stringify(withoutFolder(event, service.outputDir)),
          });
        }
      });
    },
  );
  addRoute(
    app,
    'get',
    '/v1/scenes/:id/files/:path{.+}',
    { tag: 'Scenes', summary: 'Fetch a picture of a scene' },
    async (context) => {
      const session = await sessionOf(context, idOf(context));
      const path = context.req.param('path') ?? '';
      const assets = await session.assets;
      // Only what the manifest names: the folder holds more than is meant for callers.
      const isKnown =
        path === 'contact-sheet.png' || assets.some((asset) => asset.path === path || asset.originalPath === path);
      const type = shownTypes[path.slice(path.lastIndexOf('.') + 1)];
      if (!isKnown || type === undefined) throw new GatewayError(404, 'file-gone', say('file-gone'));
      return sendPicture(join(await session.folder, ...path.split('/')), type);
    },
  );
  for (const action of ['relock', 'release'] as const) {
    const summary = action === 'relock' ? 'Give a scene another backend' : "Give up a scene's backend";
    addRoute(app, 'post', `/v1/scenes/:id/${action}`, { ...state, body: lockBody, summary }, async (context) => {
      const id = idOf(context);
      const { backend, discard_assets: discardAssets = false } = await readJson(context, lockBody);
      const session = await sessionOf(context, id);
      await session[action]({ discardAssets, ...(backend === undefined || action === 'release' ? {} : { backend }) });
      const { state: locked } = await session.lock;
      return context.json({ id, object: 'scene', state: locked, backend: null, model: null, jobs: [], assets: [] });
    });
  }

  async function start(
    context: GatewayContext,
    id: string,
    request: Omit<SceneJobRequest, 'kind' | 'session'>,
    webhook: string | undefined,
  ): Promise<Response> {
    const caller = context.get('caller');
    const address = await checkWebhook(webhooks, caller, webhook);
    const session = storedSessionId(caller, id);
    const idempotencyKey = context.req.header('idempotency-key');
    const record = await service.startScene(
      caller,
      { kind: 'scene', session, ...request },
      {
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...(address === undefined ? {} : { webhook: address }),
      },
    );
    context.header('x-holodeck-job', record.id);
    return context.json(viewOfJob(record, addressesOf(context)), 202);
  }

  /** @throws GatewayError 404 */
  async function sessionOf(context: GatewayContext, id: string): Promise<Session> {
    const caller = context.get('caller');
    const stored = storedSessionId(caller, id);
    const session = service.clients.sessions(caller).session(stored);
    const isThere = (await session.assets).length > 0 || (await service.jobsOfScene(stored)).length > 0;
    if (!isThere) throw new GatewayError(404, 'not-found', say('scene-unknown', { scene: id }));
    return session;
  }
}

function idOf(context: GatewayContext): string {
  const id = context.req.param('id') ?? '';
  assertSessionId(id);
  return id;
}
