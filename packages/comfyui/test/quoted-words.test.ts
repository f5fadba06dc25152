import { describe, expect, it } from 'vitest';
import { failure, imageRequest, startJob } from './support/harness.ts';
import { backendFor, idOf, serverWith, useRawServers } from './support/raw-backend.ts';
import { json, text } from './support/raw-server.ts';
import type { Route } from './support/raw-server.ts';

useRawServers();

const emptyQueue = json({ queue_running: [], queue_pending: [] });

describe("refusals with the service's own text", () => {
  // Short secrets too: an answer is parsed unchanged, and blanked only where it is quoted.
  it('are repeated without what the caller sent', async () => {
    const words = 'key k7q9 for q9w8, tok7, s3cr and pa55 is not that of https://login.example/in?sig=abc now';
    const node = { errors: [{ type: 'odd', message: words, details: words }], class_type: words };
    let answer: Route = emptyQueue;
    const server = await serverWith({ routes: { 'POST /prompt': (request, response) => answer(request, response) } });
    const url = server.url.replace('//', '//me:pa55@');
    const headers = { 'x-key': 'k7q9', cookie: 'sid=q9w8; lang=en', 'x-token': 'Bearer s3cr' };
    for (const [status, body] of [
      [401, { error: { message: words } }],
      [418, { error: words }],
      [400, { error: { type: 'invalid_prompt', message: words, details: words } }],
      [400, { error: { type: 'odd', message: words, details: words } }],
      [400, { error: { type: 'odd', message: words }, node_errors: { '1': node } }],
    ] as const) {
      answer = json(body, status);
      const backend = backendFor(`${url}/?token=tok7`, { headers });
      const { message } = await failure(backend.submit(imageRequest(), startJob(backend).context));
      expect(message).toContain('key *** for ***, ***, *** and *** is not that of https://login.example/in now');
      expect(message).not.toMatch(/k7q9|q9w8|tok7|s3cr|pa55|sig=/);
    }
  });

  it.each([
    [402, { error: { type: 'NO_CREDITS', message: 'Insufficient credits' } }, 'Insufficient credits'],
    [429, { error: { type: 'QUEUE_LIMIT' } }, 'QUEUE_LIMIT'],
    [400, { error: 'no prompt', node_errors: [] }, 'no prompt'],
    [401, { message: 'token expired' }, 'token expired'],
  ])('HTTP %d are repeated: %j', async (status, body, words) => {
    const server = await serverWith({ routes: { 'POST /prompt': json(body, status) } });
    const backend = backendFor(server.url);
    expect(await failure(backend.submit(imageRequest(), startJob(backend).context))).toMatchObject({
      outcome: 'rejected',
      message: expect.stringContaining(`It says: "${words}".`),
    });
  });

  it('are repeated without what the caller sent, also if a job fails or a part of the graph is invalid', async () => {
    const words = 'key k7q9 at https://store.example/in.png?sig=abc is odd';
    const errors = { '9': { errors: [{ type: 'odd', message: words }], class_type: 'X', dependent_outputs: ['9'] } };
    const failed = ['execution_error', { node_id: '1', node_type: 'X', exception_message: words }];
    const server = await serverWith({
      webSocket: false,
      routes: {
        'POST /prompt': (request, response) =>
          json({ prompt_id: idOf(request.body), number: 0, node_errors: errors })(request, response),
        'GET /queue': emptyQueue,
        'GET /history/*': (request, response) => {
          const id = request.path.split('/').at(-1)!;
          const status = { status_str: 'error', completed: false, messages: [failed] };
          return json({ [id]: { prompt: [0, id, {}, {}, ['2']], outputs: {}, status } })(request, response);
        },
      },
    });
    const backend = backendFor(server.url, { headers: { 'x-key': 'k7q9' } });
    const { context } = startJob(backend);
    const handle = await backend.submit(imageRequest(), context);
    const quoted = 'key *** at https://store.example/in.png is odd';
    expect(JSON.stringify(handle.data?.['warnings'])).toContain(quoted);
    expect((await failure(backend.collect(handle, context))).message).toContain(quoted);
  });

  it('may name a date for the next try', async () => {
    const dates = { date: 'Wed, 25 Nov 2026 10:00:00 GMT', 'retry-after': 'Wed, 25 Nov 2026 10:00:12 GMT' };
    const server = await serverWith({ routes: { 'POST /prompt': text('', 429, dates) } });
    const backend = backendFor(server.url);
    expect(await failure(backend.submit(imageRequest(), startJob(backend).context))).toMatchObject({
      kind: 'rate-limit',
      retryAfterMs: 12_000,
    });
  });
});
