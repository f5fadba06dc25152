import { OpenAPIHono } from '@hono/zod-openapi';
import type { Language } from '@holodeck/core/messages';
import { bodyLimit } from 'hono/body-limit';
import { cors as allowOrigins } from 'hono/cors';
import { languageDetector } from 'hono/language';
import { secureHeaders } from 'hono/secure-headers';
import { say } from '../jobs/gateway-messages.ts';
import type { JobService } from '../jobs/job-service.ts';
import { withoutFolder } from '../jobs/without-folder.ts';
import { guard } from './access.ts';
import type { AccessRules, GatewayEnvironment } from './access.ts';
import type { GatewayCounters } from './gateway-counters.ts';
import { answerOf, GatewayError } from './gateway-error.ts';
import { addImageRoutes } from './image-routes.ts';
import { addJobRoutes } from './job-routes.ts';
import { addOpenRoutes, addOperationRoutes } from './operation-routes.ts';
import { addMcpRoute } from './mcp-route.ts';
import { addSceneRoutes } from './scene-routes.ts';
import type { Webhooks } from './webhooks.ts';

/** What the app is made of. */
export interface GatewayAppParts {
  readonly service: JobService;
  readonly access: AccessRules;
  readonly webhooks: Webhooks;
  readonly counters: GatewayCounters;
}

/** 16 references of OpenAI's API in base64 would be more; nobody sends them. */
const maxBodyMiB = 96;

/** Answers are in the language that the caller asks for with `Accept-Language`. */
const languages = { supportedLanguages: ['en', 'zh'] satisfies Language[], fallbackLanguage: 'en' };

/** The gateway's routes. */
export function createGatewayApp({
  service,
  access,
  webhooks,
  counters,
}: GatewayAppParts): OpenAPIHono<GatewayEnvironment> {
  const app = new OpenAPIHono<GatewayEnvironment>();
  app.onError((error, context) => {
    const { status, body, headers } = answerOf(error, context.get('language'));
    return context.json(withoutFolder(body, service.outputDir), status, headers);
  });
  app.notFound((context) => {
    const { body, headers } = answerOf(new GatewayError(404, 'not-found', say('no-address')), context.get('language'));
    return context.json(body, 404, headers);
  });
  app.use(languageDetector({ ...languages, order: ['header'], caches: false }));
  app.use(counters.middleware);
  app.use(secureHeaders());
  if (access.cors.length > 0) app.use(allowOrigins({ origin: [...access.cors], exposeHeaders: ['x-holodeck-job'] }));
  addOpenRoutes(app, service, counters);
  app.use(guard(access));
  app.use(
    bodyLimit({
      maxSize: maxBodyMiB * 2 ** 20,
      onError: () => {
        throw new GatewayError(413, 'too-large', say('too-large', { limit: maxBodyMiB }));
      },
    }),
  );
  addImageRoutes(app, service, webhooks);
  addJobRoutes(app, service);
  addSceneRoutes(app, service, webhooks);
  addMcpRoute(app, service);
  addOperationRoutes(app, service);
  return app;
}
