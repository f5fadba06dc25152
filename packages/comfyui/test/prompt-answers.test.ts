import { describe, expect, it } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { failure, imageRequest, startJob } from './support/harness.ts';
import { backendFor, serverWith, useRawServers } from './support/raw-backend.ts';
import { json, text } from './support/raw-server.ts';
import type { Route } from './support/raw-server.ts';

useRawServers();

describe('answers to POST /prompt', () => {
  const secret = 'top-secret';
  it.each([
    ['HTML with 200', text('<html>', 200), { kind: 'bad-response', outcome: 'unknown' }],
    ['JSON of something else', json({ hello: 1 }), { kind: 'bad-response', outcome: 'unknown' }],
    [
      '500 in plain text',
      text('500 Internal Server Error', 500),
      { kind: 'unavailable', outcome: 'unknown', retryable: true },
    ],
    ['502 of a proxy', text('<html>', 502), { kind: 'unavailable', outcome: 'unknown' }],
    ['401', text('', 401), { kind: 'auth', outcome: 'rejected' }],
    ['402', text('', 402), { kind: 'quota', outcome: 'rejected' }],
    ['403 without a body', text('', 403), { kind: 'auth', outcome: 'rejected' }],
    ['404', text('', 404), { kind: 'unavailable', outcome: 'not-submitted', retryable: false }],
    ['413', text('Maximum request body size', 413), { kind: 'invalid-request', outcome: 'rejected' }],
    [
      '429 with Retry-After',
      text('', 429, { 'retry-after': '7' }),
      { kind: 'rate-limit', outcome: 'rejected', retryAfterMs: 7000 },
    ],
    ...[301, 302, 307, 308].map((status): [string, Route, object] => [
      `a redirect with ${status}`,
      text('', status, { location: 'http://127.0.0.1:1/' }),
      { kind: 'bad-response', outcome: 'unknown', retryable: true },
    ]),
    [
      'no reason',
      json(
        {
          error: { type: 'prompt_no_outputs', message: 'Prompt has no outputs', details: '', extra_info: {} },
          node_errors: {},
        },
        400,
      ),
      { kind: 'invalid-request', outcome: 'rejected', code: 'prompt_no_outputs' },
    ],
    [
      'a reset',
      ((_request, response) => void response.socket?.resetAndDestroy()) satisfies Route,
      { kind: 'unavailable', outcome: 'unknown' },
    ],
  ])('%s', async (_, route, expected) => {
    const server = await serverWith({ routes: { 'POST /prompt': route } });
    const backend = backendFor(server.url, { headers: { authorization: `Bearer ${secret}` } });
    const error = await failure(backend.submit(imageRequest(), startJob(backend).context));
    expect(error).toMatchObject({ ...expected, backend: 'comfyui' });
    expect(JSON.stringify(error)).not.toContain(secret);
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('no answer, because nothing listens', async () => {
    const backend = backendFor(`http://127.0.0.1:${await freePort()}`);
    expect(await failure(backend.submit(imageRequest(), startJob(backend).context))).toMatchObject({
      kind: 'unavailable',
      outcome: 'not-submitted',
      retryable: true,
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(await backend.probe({ signal: new AbortController().signal })).toMatchObject({
      status: 'down',
      errorKind: 'unavailable',
      remedy: expect.stringContaining('Start ComfyUI'),
    });
  });
});
