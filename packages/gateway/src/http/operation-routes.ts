import { z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { JobService } from '../jobs/job-service.ts';
import type { GatewayEnvironment } from './access.ts';
import { addRoute } from './describe-route.ts';
import type { GatewayCounters } from './gateway-counters.ts';

/** What the page and the document call the API. */
const title = 'Holodeck Image gateway';

/** Health, figures, models and the API's own description. */
export function addOpenRoutes(
  app: OpenAPIHono<GatewayEnvironment>,
  service: JobService,
  counters: GatewayCounters,
): void {
  app.get('/healthz', (context) => context.text('ok\n'));
  app.get('/readyz', async (context) => {
    const isReady = await service.isReady();
    return context.text(
      isReady ? 'ok\n' : 'the gateway is stopping, or its store cannot be used\n',
      isReady ? 200 : 503,
    );
  });
  app.get('/metrics', async (context) => {
    context.header('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    return context.body(await counters.render(service));
  });
}

/** What needs a key. */
export function addOperationRoutes(app: OpenAPIHono<GatewayEnvironment>, service: JobService): void {
  const models = z.object({ object: z.literal('list'), data: z.array(z.record(z.string(), z.unknown())) });
  addRoute(app, 'get', '/v1/models', { answer: models, tag: 'Images', summary: 'List models' }, async (context) => {
    const reports = await service.clients.availability(context.get('caller'));
    const names = ['auto', ...reports.flatMap(({ backend, model }) => [backend, `${backend}:${model}`])];
    const data = names.map((id) => ({ id, object: 'model', created: 0, owned_by: id.split(':', 1)[0] ?? id }));
    return context.json({ object: 'list', data });
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title, version: '1' } });
  app.get('/docs', (context) => context.html(docsPage(app)));
}

/** A plain page of all routes: no script, nothing from elsewhere. */
function docsPage(app: OpenAPIHono<GatewayEnvironment>): string {
  const { paths = {} } = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title, version: '1' } });
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { summary?: string }>).map(
      ([method, { summary = '' }]) =>
        `<tr><td>${method.toUpperCase()}</td><td><code>${escape(path)}</code></td><td>${escape(summary)}</td></tr>`,
    ),
  );
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${title}</title><h1>${title}</h1>`,
    '<p>Every request is a job that survives. <a href="/openapi.json">openapi.json</a> describes bodies and answers.</p>',
    `<table><tr><th>Method</th><th>Address</th><th>What it does</th></tr>${rows.join('')}</table></html>`,
  ].join('\n');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
