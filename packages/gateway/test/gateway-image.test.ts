import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

import { startKillService } from '../../../test/kills/support/kill-services.ts';
import { commandOf, instructionOf, isHealthy } from '../../../test/support/dockerfile.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { startCli } from '../../../test/support/run-cli.ts';
import { addKey } from '../src/index.ts';
import { TemporaryFolders } from './support/gateway-fixture.ts';

const folders = new TemporaryFolders();
afterAll(() => folders.remove());

// Without Docker: the image's command and health check run on this machine, with another port and folder.
test('the image’s command serves until its stop signal, and its health check reports its state', async () => {
  const service = await startKillService('comfyui');
  const folder = await folders.make();
  const port = await freePort();
  const replaced = {
    8787: String(port),
    '/pictures': join(folder, 'pictures'),
    '/keys/keys.json': join(folder, 'keys.json'),
  };
  const { key } = await addKey(join(folder, 'keys.json'), 'one');
  expect(await isHealthy('gateway', replaced)).toBe(false);
  const gateway = startCli(commandOf('gateway', 'CMD', replaced), service.environment, folder);
  try {
    while (!(await isHealthy('gateway', replaced))) {
      if (gateway.process.exitCode !== null) throw new Error((await gateway.end).stderr);
    }
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/v1/images/generations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ prompt: 'a lamp', response_format: 'url' }),
      });
    expect((await ask({})).status).toBe(401);
    expect((await ask({ authorization: `Bearer ${key}` })).status).toBe(200);
    gateway.process.kill(instructionOf('gateway', 'STOPSIGNAL') as NodeJS.Signals);
    expect((await gateway.end).code).toBe(0);
    expect(await isHealthy('gateway', replaced)).toBe(false);
  } finally {
    gateway.process.kill('SIGKILL');
    await gateway.end;
    await service.close();
  }
});
