import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { findObjects } from '@holodeck/emulators';
import { assertSessionId } from '@holodeck/hybrid';
import type { DemoConfig, NamedObject } from '../shared/demo-api.ts';
import { limits } from '../shared/demo-api.ts';
import { guard } from './access.ts';
import type { AccessRules } from './access.ts';
import type { DemoSessions } from './demo-sessions.ts';
import { feedEvents } from './event-feed.ts';
import type { FeedSources } from './event-feed.ts';
import type { FrontEnd } from './front-end.ts';
import { say } from './demo-messages.ts';
import { answerOf, HttpError } from './http-error.ts';
import { fieldsOf, readCreateSession, readPolicy, readSwitches, readTexts, textOf } from './request-input.ts';
import { securityHeaders } from './security-headers.ts';
import { sendArchive, sendFile } from './session-files.ts';
import { textsOf } from './texts.ts';

/** What the app is made of. */
export interface DemoAppParts extends FeedSources {
  readonly sessions: DemoSessions;
  readonly frontEnd: FrontEnd;
  readonly access: AccessRules;
}

/** The server's routes. */
export function createDemoApp(parts: DemoAppParts): Hono {
  const { services, sessions, frontEnd, access } = parts;
  const app = new Hono();
  app.onError((error, context) => {
    const { status, body } = answerOf(error);
    return context.json(body, status);
  });
  app.notFound((context) => context.json({ error: { code: 'not-found', message: textsOf(say('no-address')) } }, 404));
  app.use(securityHeaders);
  app.use(guard(access));
  app.use('/api/*', async (context, next) => {
    context.header('cache-control', 'no-store');
    await next();
  });
  const tooLarge = (): never => {
    throw new HttpError(413, 'too-large', say('too-large'));
  };
  const smallBody = bodyLimit({ maxSize: limits.body, onError: tooLarge });
  const jsonOf = async (request: { json(): Promise<unknown> }): Promise<unknown> => {
    try {
      return await request.json();
    } catch (error) {
      if (error instanceof HttpError) throw error;
      throw new HttpError(400, 'invalid-request', say('not-json'));
    }
  };
  const idOf = (request: { param(name: string): string | undefined }): string => {
    const id = request.param('id');
    assertSessionId(id);
    return id;
  };

  app.get('/api/config', async (context) =>
    context.json({
      mode: services.mode,
      backends: [...services.backends.map(({ name }) => name), ...services.absent.map(({ name }) => name)],
      labels: services.labels,
      opening: await sessions.opening(),
    } satisfies DemoConfig),
  );
  app.get('/api/events', (context) => {
    const sessionIds = watchedIds(context.req.queries('session') ?? [], context.req.query('shared') === '1');
    const after = Number(context.req.header('last-event-id') ?? 0);
    return streamSSE(context, (stream) =>
      feedEvents(parts, stream, { sessionIds, after: Number.isSafeInteger(after) && after > 0 ? after : 0 }),
    );
  });
  app.get('/api/availability', async (context) =>
    context.json(await sessions.availability(context.req.query('fresh') === '1')),
  );
  app.post('/api/availability', async (context) => context.json(await sessions.availability(true)));

  app.post('/api/objects', smallBody, async (context) =>
    context.json(
      readTexts(await jsonOf(context.req)).map((text) =>
        findObjects(text).map(({ word, picture, heightMeters, end }): NamedObject => ({
          word,
          picture,
          heightMeters,
          end,
        })),
      ),
    ),
  );

  app.get('/api/sessions', async (context) => context.json(await sessions.list()));
  app.post('/api/sessions', smallBody, async (context) => {
    const sessionId = await sessions.create(readCreateSession(await jsonOf(context.req)));
    return context.json({ sessionId }, 201);
  });
  app.get('/api/sessions/:id', async (context) => context.json(await sessions.view(idOf(context.req))));
  app.put(
    '/api/sessions/:id/scene-reference',
    bodyLimit({ maxSize: limits.upload, onError: tooLarge }),
    async (context) => {
      await sessions.setReference(idOf(context.req), new Uint8Array(await context.req.arrayBuffer()));
      return context.json({}, 200);
    },
  );
  app.post('/api/sessions/:id/continue', smallBody, async (context) => {
    const { policy } = fieldsOf(await jsonOf(context.req));
    await sessions.continue(idOf(context.req), policy === undefined ? undefined : readPolicy(policy));
    return context.json({}, 202);
  });
  app.post('/api/sessions/:id/stop', smallBody, async (context) => {
    await sessions.stop(idOf(context.req));
    return context.json({}, 202);
  });
  app.post('/api/sessions/:id/retry', smallBody, async (context) => {
    const { assetId, payAgain } = fieldsOf(await jsonOf(context.req));
    await sessions.retry(idOf(context.req), textOf(assetId, 'assetId', 200), payAgain === true);
    return context.json({}, 202);
  });
  app.post('/api/sessions/:id/restart', smallBody, async (context) => {
    const { backend } = fieldsOf(await jsonOf(context.req));
    const name = backend === undefined ? undefined : textOf(backend, 'backend', 64);
    return context.json({ backend: await sessions.restart(idOf(context.req), name) }, 202);
  });
  app.post('/api/sessions/:id/release', smallBody, async (context) => {
    const { discardAssets } = fieldsOf(await jsonOf(context.req));
    await sessions.release(idOf(context.req), discardAssets === true);
    return context.json({}, 202);
  });
  app.get('/api/sessions/:id/archive.zip', async (context) => {
    const id = idOf(context.req);
    return sendArchive(id, await sessions.folder(id));
  });
  app.get('/api/sessions/:id/files/:path{.+}', async (context) =>
    sendFile(await sessions.folder(idOf(context.req)), context.req.param('path')),
  );

  if (services.faults !== undefined) {
    const { faults } = services;
    app.get('/api/faults', (context) => context.json(faults.state()));
    app.post('/api/faults/:backend', smallBody, async (context) => {
      const backend = context.req.param('backend');
      if (!Object.hasOwn(faults.state(), backend)) {
        throw new HttpError(404, 'not-found', say('no-service'));
      }
      await faults.set(backend, readSwitches(await jsonOf(context.req)));
      // After switching a fault the page must see its effect, not a cached report.
      await sessions.availability(true);
      sessions.changed('');
      return context.json(faults.state());
    });
  }

  app.get('*', (context) => {
    const { path } = context.req;
    const file = frontEnd.get(path === '/' ? '/index.html' : path);
    if (file === undefined) return context.notFound();
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    return context.body(file.content as string, 200, { 'content-type': file.mediaType, 'cache-control': cache });
  });
  return app;
}

/** The sessions of a feed. In a shared feed, a wrong address in one tab must not break the feed of the others. */
function watchedIds(asked: readonly string[], isShared: boolean): ReadonlySet<string> {
  const ids = new Set(isShared ? asked.filter(isSessionId) : asked);
  for (const id of ids) assertSessionId(id);
  if (ids.size > limits.watched) throw new HttpError(400, 'too-many', say('too-many-watched'));
  return ids;
}

function isSessionId(id: string): boolean {
  try {
    assertSessionId(id);
    return true;
  } catch {
    return false;
  }
}
