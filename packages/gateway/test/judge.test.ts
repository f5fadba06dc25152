import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openSqliteStore } from '@holodeck/core/stores';
import { createChatJudge } from '@holodeck/hybrid';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { addKey } from '../src/index.ts';
import type { Gateway } from '../src/index.ts';
import { BudgetLedger } from '../src/keys/budget-ledger.ts';
import { judgeWithinBudget } from '../src/keys/judge-within-budget.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';
import type { Services } from './support/gateway-fixture.ts';

interface Scene {
  readonly jobs: readonly { readonly status: string; readonly warnings: readonly string[] }[];
  readonly assets: readonly { readonly id: string; readonly judgement?: { readonly reason: string } }[];
}

const folders = new TemporaryFolders();
let services: Services;
let gateway: Gateway;
let questions = 0;
const keys: Record<string, string> = {};
const chat = createServer((_request, response) => {
  questions += 1;
  const content = JSON.stringify({
    showsObject: true,
    oneObject: true,
    textOrMarks: false,
    look: 0.8,
    reason: 'A lamp.',
  });
  response.end(JSON.stringify({ choices: [{ message: { content } }] }));
});

beforeAll(async () => {
  services = await startServices();
  chat.listen(0, '127.0.0.1');
  await once(chat, 'listening');
  const folder = await folders.make();
  const keysFile = join(folder, 'keys.json');
  // Hunyuan costs 0.2 CNY an image, and a question 0.5: the scene and its card fit into both budgets.
  for (const [name, limit] of Object.entries({ rich: 1, poor: 0.6 }))
    keys[name] = (await addKey(keysFile, name, { maxCost: { CNY: limit } })).key;
  const judge = createChatJudge({ url: `http://127.0.0.1:${(chat.address() as AddressInfo).port}/v1`, model: 'eyes' });
  const prices = { judge: { perImage: 0.5, currency: 'CNY' } };
  gateway = await startTestGateway(services, join(folder, 'output'), { keysFile, judge, prices });
});
afterAll(async () => {
  await gateway.close();
  chat.close();
  await services.close();
  await folders.remove();
});

async function sceneOf(name: string): Promise<Scene> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${keys[name]}` };
  const body = JSON.stringify({ id: 'room', text: 'a room', objects: ['lamp'] });
  await fetch(`${gateway.url}/v1/scenes`, { method: 'POST', headers, body });
  return (await (await fetch(`${gateway.url}/v1/scenes/room?wait=60`, { headers })).json()) as Scene;
}

test("a judge looks at the cards of scenes, within the budget of the scene's key", async () => {
  const rich = await sceneOf('rich');
  expect(rich.jobs).toMatchObject([{ status: 'succeeded' }]);
  expect(rich.assets.find(({ id }) => id === 'card/lamp')?.judgement?.reason).toBe('A lamp.');
  expect(questions).toBe(1);

  const poor = await sceneOf('poor');
  expect(poor.jobs).toMatchObject([{ status: 'succeeded' }]);
  expect(poor.assets.find(({ id }) => id === 'card/lamp')?.judgement).toBeUndefined();
  expect(poor.jobs[0]?.warnings.join()).toContain('The judge has not looked at this card');
  expect(questions).toBe(1);

  // 0.4 for the images and 0.5 for the question leave nothing for another image.
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${keys['rich']}` };
  const image = { method: 'POST', headers, body: JSON.stringify({ prompt: 'a pot', model: 'hunyuan' }) };
  const refused = (await (await fetch(`${gateway.url}/v1/images/generations`, image)).json()) as { error: object };
  expect(refused.error).toMatchObject({ kind: 'budget' });
});

test('a verdict that is paid for is kept, also when the rest of its reservation cannot be given back', async () => {
  const store = await openSqliteStore({ folder: await folders.make() });
  const verdict = { showsObject: true, oneObject: true, textOrMarks: false, look: null, reason: 'A lamp.' };
  // The store is gone when the answer comes, which was cheaper than it might have been.
  const answers = async (): Promise<typeof verdict & { usage: object }> => {
    await store.close();
    return { ...verdict, usage: { inputTokens: 1, outputTokens: 1 } };
  };
  const prices = { judge: { perImage: 1, currency: 'USD', perMillionTokens: { input: 1, output: 1 } } };
  const caller = { key: 'rich', maxCost: { USD: 2 } };
  const judge = judgeWithinBudget(answers, { ledger: new BudgetLedger(store), prices, callerOf: () => caller });
  const question = { sessionId: 's', name: 'lamp', description: 'lamp', view: 'front' } as const;
  const asked = judge({ ...question, card: new Uint8Array(), signal: AbortSignal.timeout(60_000) });
  await expect(asked).resolves.toMatchObject(verdict);
});
