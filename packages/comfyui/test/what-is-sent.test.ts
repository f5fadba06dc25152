import { describe, expect, it } from 'vitest';
import { generate, startJob } from './support/harness.ts';
import { accept, backendFor, history, idOf, picture, serverWith, useRawServers, view } from './support/raw-backend.ts';
import { json, text } from './support/raw-server.ts';
import type { RawServer } from './support/raw-server.ts';

useRawServers();

describe('what is sent', () => {
  it('a server that assigns its own ids and finishes the job before it reports them', async () => {
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          server.sockets[0]!.send(
            JSON.stringify({ type: 'executing', data: { node: null, prompt_id: 'own-id' } }),
            () => {
              server.sockets[0]!.once('pong', () => {
                void json({ prompt_id: 'own-id', number: 0, node_errors: {} })(request, response);
              });
              server.sockets[0]!.ping();
            },
          );
        },
        'GET /queue': json({ queue_running: [], queue_pending: [] }),
        'GET /history/*': history,
        'GET /view': view,
      },
    });
    const done = await generate(
      backendFor(server.url, { internal: { backstopMs: 120_000, statusTimeoutMs: 120_000 } }),
    );
    expect(done.images.get(0)).toEqual(picture);
  });

  it('keeps the path prefix and the headers everywhere, and never sends an origin', async () => {
    const server: RawServer = await serverWith({
      prefix: '/gpu/one',
      routes: {
        'POST /prompt': (request, response) => {
          setImmediate(() =>
            server.sockets[0]!.send(
              JSON.stringify({ type: 'executing', data: { node: null, prompt_id: idOf(request.body) } }),
            ),
          );
          return accept(request, response);
        },
        'GET /history/*': history,
        'GET /view': view,
        'GET /api/jobs/*': json({ error: 'Job not found' }, 404),
        'GET /queue': json({ queue_running: [], queue_pending: [] }),
      },
    });
    const backend = backendFor(server.url, { headers: { 'X-Api-Key': 'secret-key' } });
    await generate(backend);
    await expect(backend.locate!('0b9f7b0e-0000-4000-8000-000000000000', startJob(backend).context)).rejects.toThrow();
    const all = [...server.requests, ...server.upgrades];
    expect(all.every(({ path }) => path.startsWith('/gpu/one/'))).toBe(true);
    expect(all.every(({ headers }) => headers['x-api-key'] === 'secret-key')).toBe(true);
    expect(all.filter(({ headers }) => 'origin' in headers || headers['sec-fetch-site'] === 'cross-site')).toEqual([]);
    const { prompt_id, client_id } = JSON.parse(server.requests[0]!.body) as Record<string, string>;
    expect(server.upgrades[0]!.path).toBe(`/gpu/one/ws?clientId=${client_id}`);
    expect(prompt_id).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('sends headers only to this server: a redirected download goes without them', async () => {
    const elsewhere = await serverWith({ routes: { 'GET /signed': view } });
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          setImmediate(() =>
            server.sockets[0]!.send(
              JSON.stringify({ type: 'executing', data: { node: null, prompt_id: idOf(request.body) } }),
            ),
          );
          return accept(request, response);
        },
        'GET /history/*': history,
        'GET /view': text('', 302, { location: `${elsewhere.url}/signed` }),
      },
    });
    const done = await generate(backendFor(server.url, { headers: { authorization: 'Bearer secret' } }));
    expect(done.images.size).toBe(1);
    expect(elsewhere.requests[0]!.headers['authorization']).toBeUndefined();
  });
});
