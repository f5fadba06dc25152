import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { paintPng } from '@holodeck/emulators';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { until } from '../../../test/support/until.ts';
import type { Gateway } from '../src/index.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';
import type { Services } from './support/gateway-fixture.ts';

/** Everything that OpenAI's protocol has for images, over each backend. The package of Debian has no names yet for several references and streams. */
const protocol = `
import base64, json, openai, sys
client = openai.OpenAI(api_key='any', base_url=sys.argv[1] + '/v1', max_retries=0)
pictures = [open(name, 'rb').read() for name in sys.argv[2:]]

def signatures(data):
    return [base64.b64decode(image)[1:4].decode() for image in data]

def failure(client, **request):
    try:
        client.images.generate(**request)
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.body.get('param'), error.body.get('kind'), error.body.get('outcome')]

seen = {}
for model in ('hunyuan', 'openai', 'comfyui'):
    made = client.images.generate(model=model, prompt='a stool', size='1024x1024', n=2)
    files = [('image[]', (f'{index}.png', picture, 'image/png')) for index, picture in enumerate(pictures)]
    edited = client.post(
        '/images/edits', cast_to=openai.types.ImagesResponse, files=files,
        body={'model': model, 'prompt': 'the same stool in red'},
        options={'headers': {'Content-Type': 'multipart/form-data'}},
    )
    stream = client.post(
        '/images/generations', cast_to=object, stream=True, stream_cls=openai.Stream[object],
        body={'model': model, 'prompt': 'a lantern', 'stream': True, 'partial_images': 2},
    )
    events = [event['data'] for event in stream]
    seen[model] = {
        'made': signatures(image.b64_json for image in made.data),
        'different': made.data[0].b64_json != made.data[1].b64_json,
        'edited': signatures(image.b64_json for image in edited.data),
        'events': sorted({event['type'] for event in events}),
        'last': [events[-1]['type'], *signatures([events[-1]['b64_json']])],
        'refused here': failure(client, model=model, prompt='a pot', n=11),
        'refused there': failure(client, model=model, prompt='an unpaid pot'),
    }
early = client.with_options(default_headers={'prefer': 'early-hints'})
seen['early'] = [len(early.images.generate(model='hunyuan', prompt='a pot').data)]
seen['early'].append(failure(early, model='hunyuan', prompt='a pot', quality='high'))
print(json.dumps(seen))
`;

const folders = new TemporaryFolders();
let services: Services;
let folder: string;
let gateway: Gateway;

// Debian keeps python3-openai with its own interpreter.
const python = ['/usr/bin/python3', 'python3'].find((name) => spawnSync(name, ['-c', 'import openai']).status === 0);
if (python === undefined) {
  console.warn(
    "OpenAI's client for Python is not tested: no python3 here has the package openai (Debian: python3-openai).",
  );
}

function start(...args: string[]): { readonly process: ChildProcess; readonly end: Promise<[number, string]> } {
  const child = spawn(python ?? '', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { process: child, end: once(child, 'close').then(([exitCode]) => [exitCode as number, output.trim()]) };
}

describe.skipIf(python === undefined)("OpenAI's own client for Python", () => {
  beforeAll(async () => {
    [services, folder] = await Promise.all([startServices({ jobMs: 300 }), folders.make()]);
    gateway = await startTestGateway(services, join(folder, 'output'));
  });
  afterAll(async () => {
    await gateway.close();
    await services.close();
    await folders.remove();
  });

  test('is killed, and finds its scene when it runs again', async () => {
    const guide = readFileSync(fileURLToPath(new URL('../../../docs/guides/from-python.md', import.meta.url)), 'utf8');
    const [, code = ''] = /```py file=make_scene\.py\n(.*?)```/s.exec(guide) ?? [];
    const program = join(folder, 'make_scene.py');
    writeFileSync(program, code.replace('http://127.0.0.1:8787', gateway.url));

    const killed = start(program);
    await until(() => services.hunyuan.ledger.accepted > 0);
    killed.process.kill('SIGKILL');
    await killed.end;

    for (const images of [4, 4]) {
      const [exitCode, output] = await start(program).end;
      expect([exitCode, output.split('\n').length]).toEqual([0, images]);
      expect(services.hunyuan.ledger.accepted).toBe(images);
    }
  });

  test('makes, edits, streams and reads errors over each backend', async () => {
    const { hunyuan, openai, comfyui } = services;
    const unpaid = { match: 'an unpaid pot' } as const;
    hunyuan.setFaults([{ ...unpaid, kind: 'refuse', operation: 'submit', code: 'ResourceUnavailable.InArrears' }]);
    openai.setFaults([{ ...unpaid, kind: 'refuse', operation: 'generate', code: 'credit_balance_exhausted' }]);
    comfyui.setFaults([{ ...unpaid, kind: 'http-status', operation: 'submit', status: 402 }]);
    comfyui.set({ previewMethod: 'latent2rgb' });
    const ledgers = [hunyuan.ledger, openai.ledger, comfyui.ledger];
    const before = ledgers.map((ledger) => ledger.accepted);
    const pictures = [1, 2].map((seed) => {
      const file = join(folder, `${seed}.png`);
      writeFileSync(file, paintPng({ prompt: 'a stool', width: 256, height: 256, seed }));
      return file;
    });

    const [exitCode, output] = await start('-c', protocol, gateway.url, ...pictures).end;

    expect(exitCode).toBe(0);
    const { early, ...seen } = JSON.parse(output) as Record<string, unknown>;
    const completed = 'image_generation.completed';
    const expected = {
      made: ['PNG', 'PNG'],
      different: true,
      edited: ['PNG'],
      events: [completed, 'image_generation.partial_image'],
      last: [completed, 'PNG'],
      'refused here': ['BadRequestError', 400, 'n', null, null],
      'refused there': ['APIStatusError', 402, null, 'quota', 'rejected'],
    };
    // Hunyuan shows nothing before an image is whole.
    expect(seen).toEqual({ hunyuan: { ...expected, events: [completed] }, openai: expected, comfyui: expected });
    expect(early).toEqual([1, ['BadRequestError', 400, null, 'invalid-request', 'not-submitted']]);
    expect(ledgers.map((ledger, index) => ledger.accepted - before[index]!)).toEqual([5, 4, 4]);
    for (const { entries } of ledgers) {
      const sent = entries.find(({ prompt }) => prompt.includes('the same stool in red'))?.references;
      expect(new Set(sent).size).toBe(2);
    }
  });
});
