import { request as httpRequest } from 'node:http';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import type { Gateway } from '../src/index.ts';
import { until } from '../../../test/support/until.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';
import type { Services } from './support/gateway-fixture.ts';

interface Job {
  readonly id: string;
  readonly status: string;
  readonly images: readonly { readonly url: string }[];
  readonly errors: readonly { readonly message: string; readonly outcome: string }[];
}

const folders = new TemporaryFolders();
let services: Services;
let folder: string;
let gateway: Gateway;

beforeAll(async () => {
  services = await startServices({ jobMs: 200 });
  folder = await folders.make();
  gateway = await startTestGateway(services, folder);
});
afterAll(async () => {
  await gateway.close();
  await services.close();
  await folders.remove();
});

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
  return fetch(`${gateway.url}${path}`, init);
}

async function job(id: string, wait = 60): Promise<Job> {
  return (await (await fetch(`${gateway.url}/v1/jobs/${id}?wait=${wait}`)).json()) as Job;
}

const accepted = (): number => services.hunyuan.ledger.snapshot().accepted;

test('the same idempotency key is the same job, and another body under it is refused', async () => {
  const before = accepted();
  const body = { model: 'hunyuan', prompt: '同一张凳子' };
  const headers = { 'idempotency-key': 'stool-1' };
  const [first, second] = await Promise.all([
    post('/v1/images/generations', body, headers),
    post('/v1/images/generations', body, headers),
  ]);
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(first.headers.get('x-holodeck-job')).toBe(second.headers.get('x-holodeck-job'));
  expect(await first.text()).toBe(await second.text());
  const replayed = await post('/v1/images/generations', body, headers);
  expect(replayed.status).toBe(200);
  expect(accepted()).toBe(before + 1);
  const other = await post('/v1/images/generations', { ...body, prompt: '另一张凳子' }, headers);
  expect(other.status).toBe(422);
  expect(await other.json()).toMatchObject({ error: { code: 'key-reused' } });
  expect(accepted()).toBe(before + 1);
});

test('without a key each call is a job of its own', async () => {
  const before = accepted();
  const body = { model: 'hunyuan', prompt: 'a lamp' };
  const answers = await Promise.all([post('/v1/images/generations', body), post('/v1/images/generations', body)]);
  expect(new Set(answers.map(({ headers }) => headers.get('x-holodeck-job'))).size).toBe(2);
  expect(accepted()).toBe(before + 2);
});

test.each([
  ['Prefer: respond-async', {}, { prefer: 'respond-async' }],
  ['"background": true', { background: true }, {}],
])('%s answers at once with a job', async (_name, fields, headers) => {
  const answer = await post('/v1/images/generations', { model: 'hunyuan', prompt: 'a kettle', ...fields }, headers);
  expect(answer.status).toBe(202);
  const { id, status } = (await answer.json()) as Job;
  expect(['queued', 'running']).toContain(status);
  const ended = await job(id);
  expect(ended).toMatchObject({ status: 'succeeded', images: [{ width: 1024, height: 1024 }] });
  const image = await fetch(ended.images[0]?.url ?? '');
  expect(image.headers.get('content-type')).toBe('image/png');
  const list = (await (await fetch(`${gateway.url}/v1/jobs`)).json()) as { data: Job[] };
  expect(list.data.map((one) => one.id)).toContain(id);
});

test('a client that goes away cancels nothing, and finds its image by its key', async () => {
  const before = accepted();
  const body = JSON.stringify({ model: 'hunyuan', prompt: 'a client that hangs up' });
  const request = httpRequest(`${gateway.url}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'gone-1' },
  });
  const hungUp = new Promise((done) => request.once('close', done));
  request.on('error', () => undefined);
  request.end(body);
  await until(() => accepted() === before + 1);
  request.destroy();
  await hungUp;
  const again = await post('/v1/images/generations', JSON.parse(body), { 'idempotency-key': 'gone-1' });
  expect(again.status).toBe(200);
  expect(accepted()).toBe(before + 1);
});

test.each([false, true])('a client that goes away is no fault of the gateway (stream: %s)', async (stream) => {
  const answers = async (): Promise<readonly string[]> =>
    (await (await fetch(`${gateway.url}/metrics`)).text()).match(
      /^holodeck_gateway_answers_total.*(?<!"200"\}) \d+$/gm,
    ) ?? [];
  const waiting = async (): Promise<boolean> =>
    (await (await fetch(`${gateway.url}/metrics`)).text()).includes('holodeck_gateway_jobs_open 0');
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const before = [accepted(), await answers()] as const;
  const request = httpRequest(`${gateway.url}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  request.on('error', () => undefined);
  request.end(JSON.stringify({ model: 'hunyuan', prompt: 'gone while it waits', stream }));
  await until(() => accepted() === before[0] + 1);
  request.destroy();
  await until(waiting);
  expect(await answers()).toEqual(before[1]);
  expect(printed.mock.calls).toEqual([]);
  printed.mockRestore();
});

test("a repetition by OpenAI's client joins the job of its first try", async () => {
  const before = accepted();
  let cut = 0;
  const client = new OpenAI({
    apiKey: 'any',
    baseURL: `${gateway.url}/v1`,
    maxRetries: 2,
    fetch: async (url, init) => {
      if (cut > 0) return fetch(url, init);
      const hangUp = new AbortController();
      const answer = fetch(url, { ...init, signal: hangUp.signal });
      await until(() => accepted() === before + 1);
      cut += 1;
      hangUp.abort();
      await answer.catch(() => undefined);
      throw new TypeError('fetch failed');
    },
  });
  const { data } = await client.images.generate({ model: 'hunyuan', prompt: 'a cut connection' });
  expect(data).toHaveLength(1);
  expect(accepted()).toBe(before + 1);
});

test('a job is cancelled, and says so', async () => {
  const { id } = (await (
    await post('/v1/images/generations', { model: 'comfyui', prompt: 'x', background: true })
  ).json()) as Job;
  const cancelled = await fetch(`${gateway.url}/v1/jobs/${id}`, { method: 'DELETE' });
  expect(((await cancelled.json()) as Job).status).toBe('cancelled');
  expect((await job(id)).status).toBe('cancelled');
});

// ComfyUI can cancel a job, which a restart must not.
test.each(['hunyuan', 'comfyui'] as const)('jobs over %s go on after a restart, none is sent twice', async (model) => {
  const accepted = (): number => services[model].ledger.snapshot().accepted;
  const before = accepted();
  const ids: string[] = [];
  for (const prompt of ['table', 'chair', 'pot', 'bowl', 'lantern']) {
    const answer = await post('/v1/images/generations', { model, prompt, background: true });
    ids.push(((await answer.json()) as Job).id);
  }
  await until(() => accepted() > before);
  await gateway.close();
  gateway = await startTestGateway(services, folder);
  const ended = await Promise.all(ids.map((id) => job(id)));
  expect(ended.map(({ status }) => status)).toEqual(ids.map(() => 'succeeded'));
  expect(accepted()).toBe(before + ids.length);
});

test('unknown jobs and images are 404', async () => {
  expect((await fetch(`${gateway.url}/v1/jobs/job_000000000000000000000000`)).status).toBe(404);
  expect((await fetch(`${gateway.url}/v1/jobs/../../etc/passwd`)).status).toBe(404);
});
