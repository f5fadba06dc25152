import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

import { until } from '../../../test/support/until.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';

/** Answers and errors behind an informational response. */
const earlyHints = `
import openai, sys
client = openai.OpenAI(api_key='any', base_url=sys.argv[1] + '/v1', default_headers={'prefer': 'early-hints'})
print(len(client.images.generate(model='hunyuan', prompt='a pot').data))
try:
    client.images.generate(model='hunyuan', prompt='a pot', quality='high')
except openai.BadRequestError as error:
    print(error.status_code, error.body['kind'])
`;

const folders = new TemporaryFolders();
afterAll(() => folders.remove());

// Debian keeps python3-openai with its own interpreter.
const python = ['/usr/bin/python3', 'python3'].find((name) => spawnSync(name, ['-c', 'import openai']).status === 0);
if (python === undefined) {
  console.warn(
    "OpenAI's client for Python is not tested: no python3 here has the package openai (Debian: python3-openai).",
  );
}

test.skipIf(python === undefined)('a Python program that is killed finds its scene when it runs again', async () => {
  const services = await startServices({ jobMs: 300 });
  const folder = await folders.make();
  const gateway = await startTestGateway(services, join(folder, 'output'));
  const guide = readFileSync(fileURLToPath(new URL('../../../docs/guides/from-python.md', import.meta.url)), 'utf8');
  const [, code = ''] = /```py file=make_scene\.py\n(.*?)```/s.exec(guide) ?? [];
  const program = join(folder, 'make_scene.py');
  writeFileSync(program, code.replace('http://127.0.0.1:8787', gateway.url));
  const run = (): ReturnType<typeof spawn> => spawn(python ?? '', [program], { stdio: ['ignore', 'pipe', 'inherit'] });

  const killed = run();
  await until(() => services.hunyuan.ledger.accepted > 0);
  killed.kill('SIGKILL');
  await once(killed, 'close');

  for (const images of [4, 4]) {
    const child = run();
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [exitCode] = (await once(child, 'close')) as [number];
    expect([exitCode, output.trim().split('\n').length]).toEqual([0, images]);
    expect(services.hunyuan.ledger.accepted).toBe(images);
  }
  const early = spawn(python ?? '', ['-c', earlyHints, gateway.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  early.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(early, 'close');
  expect(output).toBe('1\n400 invalid-request\n');
  await gateway.close();
  await services.close();
});
