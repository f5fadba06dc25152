import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { startComfyUIEmulator } from '@holodeck/emulators';
import { afterAll, expect, test } from 'vitest';

import { sized } from '../../../test/support/long-runs.ts';
import { until } from '../../../test/support/until.ts';
import { addKey } from '../src/index.ts';
import { TemporaryFolders } from './support/gateway-fixture.ts';
import { GatewayProcess } from './support/gateway-process.ts';

const streams = sized(20, 200);
const waiting = sized(100, 2000);
const mostBytes = 400 * 2 ** 20;

const folders = new TemporaryFolders();
afterAll(() => folders.remove());

test(`${streams} idle event streams and ${waiting} waiting requests need less than 400 MiB`, async () => {
  const comfyui = await startComfyUIEmulator({ jobMs: 1 });
  // No job ends, so that every request waits.
  comfyui.set({ paused: true });
  const folder = await folders.make();
  const { key } = await addKey(join(folder, 'keys.json'), 'one');
  const environment = { COMFYUI_URL: comfyui.url };
  const gateway = await GatewayProcess.start({ folder, backend: 'comfyui', environment });
  const agent = new Agent({ keepAlive: true });
  const send = (method: string, path: string, body?: object): ClientRequest => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const request = httpRequest(`${gateway.url}${path}`, { method, agent, headers });
    // Those that still wait are cut at the end.
    request.on('error', () => undefined);
    request.end(body === undefined ? undefined : JSON.stringify(body));
    return request;
  };
  const [scene] = (await once(send('POST', '/v1/scenes', { id: 'room', text: 'a room' }), 'response')) as [
    IncomingMessage,
  ];
  expect(scene.resume().statusCode).toBe(202);
  const open = Array.from({ length: streams }, () => send('GET', '/v1/scenes/room/events'));
  const answers = (await Promise.all(open.map((request) => once(request, 'response')))) as [IncomingMessage][];
  expect(answers.every(([answer]) => answer.resume().statusCode === 200)).toBe(true);
  const asked = Array.from({ length: waiting }, (_, index) =>
    send('POST', '/v1/images/generations', { prompt: `lamp ${index}`, model: 'comfyui', response_format: 'url' }),
  );
  await until(async () => (await gateway.metric('holodeck_gateway_jobs_open')) === waiting + 1);
  const bytes = await gateway.metric('holodeck_memory_bytes');
  console.info(`${streams} streams, ${waiting} waiting: ${Math.round(bytes / 2 ** 20)} MiB`);
  expect(bytes).toBeLessThan(mostBytes);
  // They wait, and the gateway answers others meanwhile.
  expect(await gateway.metric('holodeck_gateway_waiting')).toBeGreaterThanOrEqual(waiting);
  for (const request of [...open, ...asked]) request.destroy();
  agent.destroy();
  await gateway.kill('SIGTERM');
  await comfyui.close();
});
