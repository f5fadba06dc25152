import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, InformationEvent } from 'node:http';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { Gateway } from '../src/index.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';
import type { Services } from './support/gateway-fixture.ts';

const folders = new TemporaryFolders();
let services: Services;
let gateway: Gateway;

beforeAll(async () => {
  services = await startServices();
  gateway = await startTestGateway(services, await folders.make());
});
// No job ends before the queue goes on.
beforeEach(() => services.comfyui.set({ paused: true }));
afterEach(() => services.comfyui.set({ paused: false }));
afterAll(async () => {
  await gateway.close();
  await services.close();
  await folders.remove();
});

const idPattern = /^job_[0-9a-f]{24}$/;

function ask(fields: object, headers: Record<string, string> = {}): ClientRequest {
  const request = httpRequest(`${gateway.url}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
  });
  request.end(JSON.stringify({ model: 'comfyui', prompt: 'a lamp', response_format: 'url', ...fields }));
  return request;
}

test('the first header of a stream has the id while the job runs', async () => {
  const [response] = (await once(ask({ stream: true }), 'response')) as [IncomingMessage];
  expect(response.headers['x-holodeck-job']).toMatch(idPattern);
  services.comfyui.set({ paused: false });
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  expect(text).toContain('image_generation.completed');
});

test('a client that asks for it has the id while it waits for the answer, whatever the answer is', async () => {
  const made = ask({}, { prefer: 'early-hints' });
  const answered = once(made, 'response') as Promise<[IncomingMessage]>;
  const [early] = (await once(made, 'information')) as [InformationEvent];
  expect([early.statusCode, early.headers['x-holodeck-job']]).toEqual([103, expect.stringMatching(idPattern)]);
  const id = String(early.headers['x-holodeck-job']);
  const job = await fetch(`${gateway.url}/v1/jobs/${id}`);
  expect(['queued', 'running']).toContain(((await job.json()) as { status: string }).status);
  await fetch(`${gateway.url}/v1/jobs/${id}`, { method: 'DELETE' });
  const [response] = await answered;
  response.resume();
  expect([response.statusCode, response.headers['x-holodeck-job']]).toEqual([409, id]);
});

test('nobody else meets an informational response', async () => {
  const made = ask({});
  let informed = 0;
  made.on('information', () => (informed += 1));
  services.comfyui.set({ paused: false });
  const [response] = (await once(made, 'response')) as [IncomingMessage];
  response.resume();
  expect([response.statusCode, informed]).toEqual([200, 0]);
});

test("OpenAI's client for Node reads answers and errors behind it unchanged", async () => {
  services.comfyui.set({ paused: false });
  const defaultHeaders = { prefer: 'early-hints' };
  const client = new OpenAI({ apiKey: 'any', baseURL: `${gateway.url}/v1`, defaultHeaders });
  const { data, response } = await client.images.generate({ model: 'openai', prompt: 'a pot' }).withResponse();
  expect([data.data?.length, response.status]).toEqual([1, 200]);
  services.openai.setFaults([{ kind: 'refuse', operation: 'generate', code: 'moderation_blocked' }]);
  const refused = client.images.generate({ model: 'openai', prompt: 'something refused' });
  await expect(refused).rejects.toMatchObject({ status: 400, error: { kind: 'content-policy' } });
  services.openai.setFaults([]);
});
