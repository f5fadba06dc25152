import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { addKey } from '../src/index.ts';
import type { Gateway } from '../src/index.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';
import type { Services } from './support/gateway-fixture.ts';

interface Job {
  readonly id: string;
  readonly status: string;
  readonly errors: readonly { readonly kind: string; readonly outcome: string }[];
}

const folders = new TemporaryFolders();
let services: Services;
let gateway: Gateway;
const keys: Record<string, string> = {};

beforeAll(async () => {
  // A lost submission keeps its slot for as long as its job may run.
  services = await startServices({ limit: 10 });
  const folder = await folders.make();
  const keysFile = join(folder, 'keys.json');
  // Hunyuan costs 0.2 CNY an image: enough for one submission, not for two.
  for (const [name, limits] of Object.entries({ rich: {}, poor: { maxCost: { CNY: 0.3 } }, other: {} })) {
    keys[name] = (await addKey(keysFile, name, limits)).key;
  }
  gateway = await startTestGateway(services, join(folder, 'output'), { keysFile });
});
afterEach(() => services.hunyuan.setFaults([]));
afterAll(async () => {
  await gateway.close();
  await services.close();
  await folders.remove();
});

function call(name: string, method: string, path: string, body?: unknown, headers = {}): Promise<Response> {
  return fetch(`${gateway.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[name]}`, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const accepted = (): number => services.hunyuan.ledger.snapshot().accepted;

/** A job whose submission was accepted without an answer. Resolves with its id. */
async function loseAnswer(name: string, prompt: string): Promise<string> {
  services.hunyuan.setFaults([{ kind: 'reset-after-accept', operation: 'submit' }]);
  const answer = await call(name, 'POST', '/v1/images/generations', { model: 'hunyuan', prompt });
  services.hunyuan.setFaults([]);
  const { error } = (await answer.json()) as { error: { message: string; outcome: string; job: string } };
  expect(error).toMatchObject({
    outcome: 'unknown',
    message: expect.stringContaining(`/v1/jobs/${error.job}/resubmit`),
  });
  return error.job;
}

async function ended(name: string, id: string): Promise<Job> {
  return (await (await call(name, 'GET', `/v1/jobs/${id}?wait=60`)).json()) as Job;
}

test('a submission whose answer was lost is sent again once the caller says that it may be paid twice', async () => {
  const before = accepted();
  const id = await loseAnswer('rich', 'a kettle');
  expect(accepted()).toBe(before + 1);
  const path = `/v1/jobs/${id}/resubmit`;
  for (const body of [{}, { may_pay_twice: false }]) {
    const refused = await call('rich', 'POST', path, body);
    expect([refused.status, await refused.json()]).toMatchObject([409, { error: { code: 'may-pay-twice' } }]);
  }
  expect((await call('rich', 'POST', path, { may_pay_twice: 'yes' })).status).toBe(400);
  expect((await call('other', 'POST', path, { may_pay_twice: true })).status).toBe(404);
  expect(await ended('rich', id)).toMatchObject({ status: 'failed' });
  expect(accepted()).toBe(before + 1);

  expect((await call('rich', 'POST', path, { may_pay_twice: true })).status).toBe(202);
  expect(await ended('rich', id)).toMatchObject({ status: 'succeeded', errors: [], images: [{}] });
  expect(accepted()).toBe(before + 2);
  // What exists is found.
  expect((await call('rich', 'POST', path, { may_pay_twice: true })).status).toBe(202);
  expect(await ended('rich', id)).toMatchObject({ status: 'succeeded', images: [{}] });
  expect(accepted()).toBe(before + 2);
});

test('each permission is for one submission', async () => {
  const before = accepted();
  const id = await loseAnswer('rich', 'a lid');
  services.hunyuan.setFaults([{ kind: 'reset-after-accept', operation: 'submit' }]);
  await call('rich', 'POST', `/v1/jobs/${id}/resubmit`, { may_pay_twice: true });
  expect(await ended('rich', id)).toMatchObject({ status: 'failed', errors: [{ outcome: 'unknown' }] });
  expect(accepted()).toBe(before + 2);
});

test("the key's budget holds: what may have been paid stays reserved", async () => {
  const before = accepted();
  const id = await loseAnswer('poor', 'a bowl');
  expect((await call('poor', 'POST', `/v1/jobs/${id}/resubmit`, { may_pay_twice: true })).status).toBe(202);
  expect(await ended('poor', id)).toMatchObject({ status: 'failed', errors: [{ kind: 'budget' }] });
  expect(accepted()).toBe(before + 1);
});

test('a scene goes on after it, also for an agent', async () => {
  const before = accepted();
  services.hunyuan.setFaults([{ kind: 'reset-after-accept', operation: 'submit' }]);
  const made = await call('rich', 'POST', '/v1/scenes', { id: 'room', text: 'a room', objects: ['lamp'] });
  const { id } = (await made.json()) as Job;
  expect(await ended('rich', id)).toMatchObject({ status: 'failed', errors: [{ outcome: 'unknown' }] });
  services.hunyuan.setFaults([]);
  expect(accepted()).toBe(before + 1);

  const client = new Client({ name: 'test', version: '1' });
  const headers = { authorization: `Bearer ${keys['rich']}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp`), { requestInit: { headers } }));
  const resume = async (input: Record<string, unknown>): Promise<Job> => {
    await client.callTool({ name: 'resume', arguments: { job: id, ...input } });
    return ended('rich', id);
  };
  expect(await resume({})).toMatchObject({ status: 'failed', errors: [{ outcome: 'unknown' }] });
  expect(accepted()).toBe(before + 1);
  expect(await resume({ may_pay_twice: true })).toMatchObject({ status: 'succeeded', images: [{}, {}] });
  expect(accepted()).toBe(before + 3);
  await client.close();
});

test('an agent makes an image of a scene again after its answer was lost, once it says so', async () => {
  const client = new Client({ name: 'test', version: '1' });
  const headers = { authorization: `Bearer ${keys['other']}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp`), { requestInit: { headers } }));
  const tool = async (name: string, input: Record<string, unknown>): Promise<Job> => {
    const { structuredContent } = await client.callTool({ name, arguments: input });
    return ended('other', (structuredContent as { job: string }).job);
  };
  expect(await tool('start_scene', { id: 'attic', text: 'an attic' })).toMatchObject({ status: 'succeeded' });
  const before = accepted();
  const again = { scene: 'attic', asset: 'scene-reference', seed: 7 };
  services.hunyuan.setFaults([{ kind: 'reset-after-accept', operation: 'submit' }]);
  expect(await tool('regenerate', again)).toMatchObject({ status: 'failed', errors: [{ outcome: 'unknown' }] });
  services.hunyuan.setFaults([]);
  expect(await tool('regenerate', again)).toMatchObject({ status: 'failed', errors: [{ outcome: 'unknown' }] });
  expect(accepted()).toBe(before + 1);
  expect(await tool('regenerate', { ...again, may_pay_twice: true })).toMatchObject({ status: 'succeeded' });
  expect(accepted()).toBe(before + 2);
  // What is done stays done, whatever the agent says.
  expect(await tool('regenerate', { ...again, may_pay_twice: true })).toMatchObject({ status: 'succeeded' });
  expect(accepted()).toBe(before + 2);
  await client.close();
});
