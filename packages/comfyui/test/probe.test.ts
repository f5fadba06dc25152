import { describe, expect, it } from 'vitest';
import { backendFor, serverWith, useRawServers } from './support/raw-backend.ts';
import { json, text } from './support/raw-server.ts';
import type { Route } from './support/raw-server.ts';

useRawServers();

describe('probing', () => {
  const stats = (version: string): Route => json({ system: { comfyui_version: version }, devices: [] });
  it.each([
    [
      'a server that is not ComfyUI',
      { 'GET /system_stats': text('<html>', 200) },
      { status: 'down', errorKind: 'unavailable', message: expect.stringContaining('is not ComfyUI') },
    ],
    ['a proxy that wants a key', { 'GET /system_stats': text('', 401) }, { status: 'down', errorKind: 'auth' }],
    [
      'a version that is too old',
      { 'GET /system_stats': stats('0.3.40') },
      { status: 'down', errorKind: 'unsupported', remedy: expect.stringContaining('0.3.45') },
    ],
    [
      'missing nodes',
      { 'GET /system_stats': stats('0.33.0'), 'GET /object_info/*': json({}) },
      { status: 'down', message: expect.stringContaining('the node EmptyImage is not installed') },
    ],
    [
      'an odd answer',
      { 'GET /system_stats': stats('0.33.0'), 'GET /object_info/*': text('', 500) },
      { status: 'unknown', errorKind: 'bad-response' },
    ],
  ])('reports %s', async (_, routes, expected) => {
    const server = await serverWith({ routes: routes as unknown as Record<string, Route> });
    expect(await backendFor(server.url).probe({ signal: new AbortController().signal })).toMatchObject(expected);
    expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('throws only when it is aborted', async () => {
    const server = await serverWith({ routes: { 'GET /system_stats': () => undefined } });
    const aborted = new AbortController();
    const report = backendFor(server.url).probe({ signal: aborted.signal });
    aborted.abort(new Error('enough'));
    await expect(report).rejects.toThrow('enough');
  });
});
