import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startKillService } from '../../../test/kills/support/kill-services.ts';
import { startComfyUIEmulator } from '@holodeck/emulators';
import { sized } from '../../../test/support/long-runs.ts';
import { afterAll, describe, expect, test } from 'vitest';

import { addKey } from '../src/index.ts';
import { TemporaryFolders } from './support/gateway-fixture.ts';
import { GatewayProcess } from './support/gateway-process.ts';

const folders = new TemporaryFolders();
afterAll(() => folders.remove());

const rounds = sized(2, 50);
const clients = 8;

interface Answer {
  readonly data?: readonly unknown[];
  readonly error?: { readonly outcome?: string };
}

/** How many submissions a kill can leave with an answer that nobody can look up: those on the wire. */
const cases = [
  { name: 'hunyuan', variables: {}, atOnce: 1 },
  { name: 'openai', variables: {}, atOnce: clients },
  // ComfyUI can be asked what became of a submission.
  { name: 'comfyui', variables: {}, atOnce: 0 },
] as const;

/** A batch that was not created is looked for during a minute. */
const batches = sized([], [{ name: 'openai-batch', variables: {}, atOnce: 0 }] as const);

describe.each([...cases, ...batches])(
  `a gateway over $name that is killed ${rounds} times`,
  ({ name, variables, atOnce }) => {
    test('every client that asks again has its image or is told that it may be paid', async () => {
      const service = await startKillService(name);
      const folder = await folders.make();
      const keys: string[] = [];
      while (keys.length < clients) keys.push((await addKey(join(folder, 'keys.json'), `c${keys.length}`)).key);
      const { backend } = service;
      const gateway = await GatewayProcess.start({
        folder,
        backend,
        environment: { ...service.environment, ...variables },
      });
      const asked: { readonly prompt: string; readonly answer: Answer }[] = [];
      const over = new AbortController();
      const ask = async (prompt: string, key: string): Promise<Answer> => {
        for (;;) {
          try {
            const response = await fetch(`${gateway.url}/v1/images/generations`, {
              method: 'POST',
              headers: {
                'content-type': 'application/json',
                'idempotency-key': encodeURIComponent(prompt),
                authorization: `Bearer ${key}`,
              },
              body: JSON.stringify({ prompt, response_format: 'url' }),
            });
            const answer = (await response.json()) as Answer;
            // What left nothing at the service is asked again, as clients do.
            if (response.ok || answer.error?.outcome === 'unknown') return answer;
          } catch {
            // The gateway is gone: ask again.
          }
          await sleep(20);
        }
      };
      const work = keys.map(async (key, client) => {
        for (let index = 0; !over.signal.aborted; index += 1) {
          const prompt = `c${client} 图 ${index}`;
          asked.push({ prompt, answer: await ask(prompt, key) });
        }
      });
      let kills = 0;
      for (; kills < rounds; kills += 1) {
        const before = service.ledger.submissions;
        while (service.ledger.submissions === before) await sleep(2);
        await sleep(Math.random() * service.longestMs);
        await gateway.kill();
        await gateway.start();
      }
      over.abort();
      await Promise.all(work);
      await gateway.kill('SIGTERM');
      const accepted = (prompt: string): number =>
        service.ledger.entries.filter((entry) => entry.prompt === prompt).length;
      const unknown = asked.filter(({ answer }) => answer.data === undefined);
      const paidTwice = asked.filter(({ prompt }) => accepted(prompt) > 1).map(({ prompt }) => prompt);
      console.info(`${name}: ${JSON.stringify({ kills, asked: asked.length, unknown: unknown.length, paidTwice })}`);
      expect(paidTwice).toEqual([]);
      expect(
        asked.filter(({ answer }) => answer.data !== undefined).every(({ prompt }) => accepted(prompt) === 1),
      ).toBe(true);
      expect(unknown.length).toBeLessThanOrEqual(kills * atOnce);
      await service.close();
    });
  },
);

/** When the proxy cuts, and how long a job takes: longer than any connection. */
const { cutMs, jobMs } = sized({ cutMs: 50, jobMs: 60 }, { cutMs: 1_000, jobMs: 2_500 });

test('a proxy that cuts every connection after a moment loses no image', async () => {
  const service = await startComfyUIEmulator({ jobMs });
  service.setFaults([{ kind: 'stall', operation: 'submit', delayMs: 120, rate: 0.4 }]);
  const folder = await folders.make();
  const { key } = await addKey(join(folder, 'keys.json'), 'one');
  const gateway = await GatewayProcess.start({
    folder,
    backend: 'comfyui',
    environment: { COMFYUI_URL: service.url },
  });
  const sockets = new Set<Socket>();
  let cuts = 0;
  const proxy = createTcpServer((client) => {
    const upstream = connect(gateway.port, '127.0.0.1');
    const cut = setTimeout(() => {
      cuts += 1;
      [client, upstream].forEach((socket) => socket.destroy());
    }, cutMs);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearTimeout(cut);
        [client, upstream].forEach((other) => other.destroy());
      });
    }
    client.pipe(upstream).pipe(client);
  }).listen(0, '127.0.0.1');
  await new Promise((done) => proxy.once('listening', done));
  const { port } = proxy.address() as AddressInfo;
  const statuses = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map(async (prompt) => {
      for (;;) {
        const answer = await fetch(`http://127.0.0.1:${port}/v1/images/generations`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': prompt, authorization: `Bearer ${key}` },
          body: JSON.stringify({ prompt, response_format: 'url' }),
        }).catch(() => undefined);
        const body = await answer?.json().catch(() => undefined);
        if (answer !== undefined && body !== undefined) return answer.status;
      }
    }),
  );
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
  expect(service.ledger.accepted).toBe(5);
  expect(cuts).toBeGreaterThan(0);
  console.info(`a cut after ${cutMs} ms: ${JSON.stringify({ cuts, images: service.ledger.accepted })}`);
  for (const socket of sockets) socket.destroy();
  await new Promise((done) => proxy.close(done));
  await gateway.kill('SIGTERM');
  await service.close();
});
