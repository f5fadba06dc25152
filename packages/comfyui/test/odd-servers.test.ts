import { paintPng } from '@holodeck/emulators';
import { describe, expect, it } from 'vitest';
import { plainGraph } from './support/graphs.ts';
import { generate } from './support/harness.ts';
import { accept, backendFor, history, idOf, picture, serverWith, useRawServers, view } from './support/raw-backend.ts';
import { finishedHistory, json, pictureFrame } from './support/raw-server.ts';
import type { RawServer } from './support/raw-server.ts';

const status = JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: 0 } } } });

useRawServers();

describe('odd but possible servers', () => {
  it('a job that is over before its POST is answered', async () => {
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          const prompt_id = idOf(request.body);
          for (const type of ['execution_start', 'execution_success'])
            server.sockets[0]!.send(JSON.stringify({ type, data: { prompt_id } }));
          // Answer only after the client has seen the end: the answer to a ping comes after all earlier messages.
          server.sockets[0]!.send(JSON.stringify({ type: 'executing', data: { node: null, prompt_id } }), () => {
            server.sockets[0]!.once('pong', () => void accept(request, response));
            server.sockets[0]!.ping();
          });
        },
        'GET /history/*': history,
        'GET /view': view,
      },
    });
    const done = await generate(backendFor(server.url));
    expect(done.images.get(0)).toEqual(picture);
    expect(server.requests.map(({ path }) => path.replace(/[0-9a-f-]{36}/, 'ID').replace(/\?.*/, ''))).toEqual([
      '/prompt',
      '/history/ID',
      '/view',
    ]);
  });

  it('a history that is still empty when the end is reported', async () => {
    let asked = 0;
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          server.sockets[0]!.send(
            JSON.stringify({ type: 'executing', data: { node: null, prompt_id: idOf(request.body) } }),
          );
          return accept(request, response);
        },
        'GET /history/*': (request, response) => {
          asked += 1;
          return asked < 4 ? json({})(request, response) : history(request, response);
        },
        'GET /view': view,
      },
    });
    const done = await generate(backendFor(server.url));
    expect(done.images.size).toBe(1);
    expect(asked).toBe(4);
    expect(server.requests.filter(({ path }) => path.startsWith('/api/jobs'))).toEqual([]);
  });

  it('a history that is written long after the end was reported', async () => {
    let looks = 0;
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          server.sockets[0]!.send(
            JSON.stringify({ type: 'execution_success', data: { prompt_id: idOf(request.body), timestamp: 1 } }),
          );
          return accept(request, response);
        },
        'GET /api/jobs/*': (request, response) => {
          looks += 1;
          const id = request.path.split('/').at(-1)!;
          const outputs = { '2': { images: [{ filename: 'a.png', subfolder: '', type: 'output' }] } };
          return json(looks === 1 ? { id, status: 'in_progress' } : { id, status: 'completed', outputs })(
            request,
            response,
          );
        },
        'GET /history/*': json({}),
        'GET /view': view,
      },
    });
    const done = await generate(
      backendFor(server.url, { internal: { backstopMs: 120_000, statusTimeoutMs: 120_000 } }),
    );
    expect(done.images.get(0)).toEqual(picture);
    expect(looks).toBe(2);
  });

  it('answers and events with numbers that are not JSON, from nodes that always run again', async () => {
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          const prompt_id = idOf(request.body);
          const progress = `{"type":"progress","data":{"value":1,"max":2,"eta":-Infinity,"prompt_id":"${prompt_id}","node":"2"}}`;
          server.sockets[0]!.send(progress);
          server.sockets[0]!.send(JSON.stringify({ type: 'executing', data: { node: null, prompt_id } }));
          return accept(request, response);
        },
        'GET /history/*': (request, response) => {
          const record = JSON.stringify(finishedHistory(request.path.split('/').at(-1)!));
          const odd = record.replace('"outputs":', '"odd":[NaN, -Infinity,"\\"NaN"],"outputs":');
          return void response.writeHead(200, { 'content-type': 'application/json' }).end(odd);
        },
        'GET /view': view,
      },
    });
    const done = await generate(backendFor(server.url, { internal: { backstopMs: 120_000 } }));
    expect(done.images.get(0)).toEqual(picture);
  });

  it.each([null, undefined, { completed: true }])('a record whose status is %j', async (told) => {
    const server: RawServer = await serverWith({
      webSocket: false,
      routes: {
        'POST /prompt': accept,
        'GET /queue': json({ queue_running: [], queue_pending: [] }),
        'GET /history/*': (request, response) => {
          const outputs = { '2': { images: [{ filename: 'a.png', subfolder: '', type: 'output' }] } };
          return json({ [request.path.split('/').at(-1)!]: { outputs, status: told } })(request, response);
        },
        'GET /view': view,
      },
    });
    expect((await generate(backendFor(server.url))).images.get(0)).toEqual(picture);
  });

  it('jobs routes that a proxy answers with a fault', async () => {
    const server = await serverWith({
      webSocket: false,
      routes: {
        'POST /prompt': accept,
        'GET /api/jobs/*': (_request, response) => void response.writeHead(502).end('<html>Bad gateway</html>'),
        'GET /queue': json({ queue_running: [], queue_pending: [] }),
        'GET /history/*': history,
        'GET /view': view,
      },
    });
    expect((await generate(backendFor(server.url))).images.get(0)).toEqual(picture);
  });

  it('no WebSocket at all, as behind some proxies', async () => {
    let asked = 0;
    const server = await serverWith({
      webSocket: false,
      routes: {
        'POST /prompt': accept,
        'GET /api/jobs/*': (request, response) => {
          asked += 1;
          const id = request.path.split('/').at(-1)!;
          const job =
            asked === 1
              ? { id, status: 'in_progress' }
              : {
                  id,
                  status: 'completed',
                  outputs: finishedOutputs,
                  execution_status: { status_str: 'success', messages: [] },
                };
          return json(job)(request, response);
        },
        'GET /view': view,
      },
    });
    const finishedOutputs = {
      '2': { images: [{ filename: 'a.png', subfolder: 'd', type: 'output' }], animated: [false] },
    };
    const done = await generate(backendFor(server.url));
    expect(done.images.get(0)).toEqual(picture);
    expect(server.requests.at(-1)?.path).toBe('/view?filename=a.png&subfolder=d&type=output');
  });

  it('a socket that does not answer pings is replaced, but only after it is closed', async () => {
    const server: RawServer = await serverWith({
      autoPong: false,
      onSocket: (socket) => {
        if (server.sockets.length > 1) {
          expect(server.sockets[0]!.readyState).not.toBe(socket.OPEN);
          for (const { body } of server.requests)
            socket.send(JSON.stringify({ type: 'executing', data: { node: null, prompt_id: idOf(body) } }));
        }
      },
      routes: {
        'POST /prompt': (request, response) => (server.sockets[0]!.send(status), accept(request, response)),
        'GET /history/*': history,
        'GET /view': view,
      },
    });
    const done = await generate(backendFor(server.url, { internal: { pingIntervalMs: 40, backstopMs: 60_000 } }));
    expect(done.images.size).toBe(1);
    await server.socketsOpened(2);
    const clients = server.upgrades.map(({ path }) => new URL(path, 'http://x').searchParams.get('clientId'));
    expect(new Set(clients).size).toBe(1);
  });

  it('pictures without metadata belong to our running node, and are ignored if none of ours runs', async () => {
    const other = paintPng({ width: 8, height: 8, prompt: 'foreign', seed: 2 });
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': async (request, response) => {
          const prompt_id = idOf(request.body);
          const socket = server.sockets[0]!;
          const send = (type: string, data: unknown): void => socket.send(JSON.stringify({ type, data }));
          socket.send(pictureFrame(other, 2));
          send('executing', { node: '1', prompt_id });
          socket.send(pictureFrame(other, 2));
          send('executing', { node: '2', prompt_id });
          socket.send(pictureFrame(picture, 2));
          socket.send(Buffer.from([0, 0, 0, 3, 0, 0, 0, 1, 50, 104, 105]));
          socket.send(Buffer.from([0, 0, 0, 9]));
          socket.send('not json');
          send('crystools.monitor', { cpu: 3 });
          send('executing', { node: null, prompt_id });
          socket.send(pictureFrame(other, 2));
          await accept(request, response);
        },
        'GET /history/*': (request, response) =>
          json(finishedHistory(request.path.split('/').at(-1)!, {}))(request, response),
      },
    });
    const workflow = { ...plainGraph(), '2': { class_type: 'SaveImageWebsocket', inputs: { images: ['1', 0] } } };
    const done = await generate(backendFor(server.url, { workflow }));
    expect([...done.images.values()]).toEqual([picture]);
  });

  it('a server that assigns its own ids', async () => {
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          setImmediate(() =>
            server.sockets[0]!.send(JSON.stringify({ type: 'executing', data: { node: null, prompt_id: 'own-id' } })),
          );
          return json({ prompt_id: 'own-id', number: 1, node_errors: {} })(request, response);
        },
        'GET /queue': json({ queue_running: [], queue_pending: [] }),
        'GET /history/*': history,
        'GET /view': view,
      },
    });
    const done = await generate(backendFor(server.url));
    expect(done.handle.jobId).toBe('own-id');
    expect(done.images.size).toBe(1);
  });
});
