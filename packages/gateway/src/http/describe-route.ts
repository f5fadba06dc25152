import type { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { GatewayEnvironment } from './access.ts';
import { errorAnswer } from './schemas.ts';

/** What the API's document says of a route. */
export interface RouteDescription {
  readonly summary: string;
  readonly tag: string;
  /** The schema that checks the body. */
  readonly body?: z.ZodType;
  /** The schema of the answer; absent = not JSON. */
  readonly answer?: z.ZodType;
  /** Default 200. */
  readonly status?: number;
}

/** Adds a route and describes it, so that the document names every route. */
export function addRoute(
  app: OpenAPIHono<GatewayEnvironment>,
  method: 'get' | 'post' | 'delete',
  path: string,
  { summary, tag, body, answer, status = 200 }: RouteDescription,
  handler: (context: Context<GatewayEnvironment>) => Promise<Response> | Response,
): void {
  const json = (schema: z.ZodType): { 'application/json': { schema: z.ZodType } } => ({
    'application/json': { schema },
  });
  app.openAPIRegistry.registerPath({
    method,
    path: path.replace(/:(\w+)(?:\{[^}]*\})?/g, '{$1}'),
    summary,
    tags: [tag],
    request: {
      params: undefined,
      ...(body === undefined ? {} : { body: { required: true, content: json(body) } }),
    },
    parameters: [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    security: [{ key: [] }],
    responses: {
      [status]: { description: summary, ...(answer === undefined ? {} : { content: json(answer) }) },
      default: { description: 'An error', content: json(errorAnswer) },
    },
  });
  app[method](path, handler);
}
