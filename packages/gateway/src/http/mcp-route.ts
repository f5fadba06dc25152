import type { OpenAPIHono } from '@hono/zod-openapi';
import type { JobService } from '../jobs/job-service.ts';
import type { GatewayEnvironment } from './access.ts';
import { signedAddress } from './signed-address.ts';

/** Agents over HTTP, at `/mcp`: the same tools as on stdio, for the key that calls. */
export function addMcpRoute(app: OpenAPIHono<GatewayEnvironment>, service: JobService): void {
  app.all('/mcp', async (context) => {
    const { createMcpHandler } = await import('@modelcontextprotocol/server');
    const { createMcpServer } = await import('../mcp/create-mcp-server.ts');
    const caller = context.get('caller');
    const { origin } = new URL(context.req.url);
    const handler = createMcpHandler(() =>
      createMcpServer({
        service,
        caller,
        addressOf: ({ id }, index) => signedAddress(caller, origin, `/v1/jobs/${id}/images/${index + 1}`),
      }),
    );
    return handler.fetch(context.req.raw);
  });
}
