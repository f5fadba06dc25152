import { paintPng } from '@holodeck/emulators';
import { afterEach } from 'vitest';
import { plainGraph } from './graphs.ts';
import { createBackend } from './harness.ts';
import { finishedHistory, json, startRawServer } from './raw-server.ts';
import type { ComfyUIOptions } from '@holodeck/comfyui';
import type { ImageBackend } from '@holodeck/core';
import type { RawServer, RawServerOptions, Route } from './raw-server.ts';

/** The picture that `view` answers with. */
export const picture = paintPng({ width: 16, height: 16, prompt: 'x', seed: 1 });
const servers: RawServer[] = [];
const backends: ImageBackend[] = [];

/** Closes the backends and servers of every test of the file after it. */
export function useRawServers(): void {
  afterEach(async () => {
    await Promise.all(backends.splice(0).map((backend) => backend.close()));
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
}

/** A server that is closed after the test. */
export async function serverWith(options: RawServerOptions): Promise<RawServer> {
  const server = await startRawServer(options);
  servers.push(server);
  return server;
}

/** A backend of this server that is closed after the test. */
export function backendFor(url: string, options: ComfyUIOptions = {}): ImageBackend {
  const backend = createBackend({ url, workflow: plainGraph(), ...options });
  backends.push(backend);
  return backend;
}

/** The id that the client gave to the job it posted. */
export const idOf = (body: string): string => (JSON.parse(body) as { prompt_id: string }).prompt_id;
/** Takes a job under the id of the client. */
export const accept: Route = (request, response) =>
  json({ prompt_id: idOf(request.body), number: 0, node_errors: {} })(request, response);
/** Every file is the picture. */
export const view: Route = (_request, response) =>
  void response.writeHead(200, { 'content-type': 'image/png' }).end(picture);
/** Every job ended well with one file. */
export const history: Route = (request, response) =>
  json(finishedHistory(request.path.split('/').at(-1)!))(request, response);
