import { describe, expect, it } from 'vitest';
import { failure, generate, imageRequest, startJob } from './support/harness.ts';
import { accept, backendFor, picture, serverWith, useRawServers } from './support/raw-backend.ts';
import { plainGraph } from './support/graphs.ts';
import { finishedHistory, json, pictureFrame } from './support/raw-server.ts';
import type { Clock } from '@holodeck/core/backend';
import type { RawServer } from './support/raw-server.ts';

useRawServers();
/** Sleeps last until they are aborted. */
const standingClock: Clock = {
  now: () => 0,
  monotonic: () => 0,
  sleep: (_ms, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('stopped')));
    }),
};
const lastPart = (path: string): string => path.split('/').at(-1)!;

describe('a server whose socket cannot be opened', () => {
  it('gets one job after another without waiting for the socket again', async () => {
    const server = await serverWith({ webSocket: false, routes: { 'POST /prompt': accept } });
    const backend = backendFor(server.url, { internal: { clock: standingClock } });
    for (let count = 1; count <= 3; count += 1) await backend.submit(imageRequest(), startJob(backend).context);
    expect(server.requests.map(({ path }) => path)).toEqual(['/prompt', '/prompt', '/prompt']);
  });
});

describe('images that come by socket', () => {
  const workflow = { ...plainGraph(), '2': { class_type: 'SaveImageWebsocket', inputs: { images: ['1', 0] } } };

  it('are awaited even if the record already says that the job is done', async () => {
    let looks = 0;
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': accept,
        'GET /api/jobs/*': (request, response) => {
          looks += 1;
          const id = lastPart(request.path);
          if (looks === 2) {
            const socket = server.sockets[0]!;
            const send = (data: unknown): void => socket.send(JSON.stringify({ type: 'executing', data }));
            send({ node: '2', prompt_id: id });
            socket.send(pictureFrame(picture, 2));
            send({ node: null, prompt_id: id });
          }
          return json({ id, status: 'completed', outputs: {} })(request, response);
        },
        'GET /history/*': (request, response) => json(finishedHistory(lastPart(request.path), {}))(request, response),
      },
    });
    const done = await generate(backendFor(server.url, { workflow, internal: { backstopMs: 20 } }));
    expect(done.images.get(0)).toEqual(picture);
    expect(looks).toBeGreaterThan(1);
  });

  it('are lost if neither they nor the end of their job arrive', async () => {
    let seconds = 0;
    const hurried: Clock = {
      ...standingClock,
      // Each reading of the clock advances it by 10 s; a short sleep takes no time, and a longer one never ends.
      monotonic: () => (seconds += 10) * 1000,
      sleep: (ms, signal) => (ms < 1000 ? Promise.resolve() : standingClock.sleep(ms, signal)),
    };
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': accept,
        'GET /api/jobs/*': (request, response) =>
          json({ id: lastPart(request.path), status: 'completed', outputs: {} })(request, response),
      },
    });
    const backend = backendFor(server.url, { workflow, internal: { clock: hurried, backstopMs: 500 } });
    expect(await failure(generate(backend))).toMatchObject({ outcome: 'lost', code: 'frames-missed' });
    expect(server.sockets).toHaveLength(1);
  });

  it('are lost if no socket can be opened', async () => {
    const server: RawServer = await serverWith({
      webSocket: false,
      routes: {
        'POST /prompt': accept,
        'GET /api/jobs/*': (request, response) =>
          json({ id: lastPart(request.path), status: 'completed', outputs: {} })(request, response),
      },
    });
    expect(await failure(generate(backendFor(server.url, { workflow })))).toMatchObject({
      outcome: 'lost',
      code: 'frames-missed',
    });
  });
});
