import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBackend, imageRequest, startJob } from './support/harness.ts';
import { plainGraph, standardGraph } from './support/graphs.ts';
import { json, startRawServer } from './support/raw-server.ts';
import type { ComfyUIOptions } from '@holodeck/comfyui';
import type { RawServer } from './support/raw-server.ts';

let folder: string;
let server: RawServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'long-numbers-'));
  server = await startRawServer({
    webSocket: false,
    routes: {
      'POST /prompt': (request, response) => {
        const { prompt_id } = JSON.parse(request.body) as { prompt_id: string };
        return json({ prompt_id, number: 0, node_errors: {} })(request, response);
      },
    },
  });
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What is posted for a workflow file with `"LONG"` replaced by a number. */
async function posted(graph: unknown, long: string, options: ComfyUIOptions = {}): Promise<string> {
  const workflow = join(folder, 'workflow.json');
  writeFileSync(workflow, JSON.stringify(graph).replace('"LONG"', long));
  const backend = createBackend({ url: server.url, workflow, ...options });
  try {
    await backend.submit(imageRequest(), startJob(backend).context);
  } finally {
    await backend.close();
  }
  return server.requests.at(-1)!.body;
}

describe('a workflow with numbers beyond 2^53', () => {
  const node = { class_type: 'Wildcards', inputs: { noise: 'LONG' } };

  it.each(['18446744073709551615', '9007199254740993', '-9223372036854775807'])(
    'is sent as written: %s',
    async (long) => {
      expect(await posted({ ...plainGraph(), '7': node }, long)).toContain(`"noise":${long}}`);
    },
  );

  it('has another fingerprint if only the last digit differs', () => {
    const fingerprints = ['18446744073709551614', '18446744073709551615'].map((long) => {
      const workflow = join(folder, `${long}.json`);
      writeFileSync(workflow, JSON.stringify({ ...plainGraph(), '7': node }).replace('"LONG"', long));
      return createBackend({ workflow }).fingerprint;
    });
    expect(fingerprints[0]).not.toBe(fingerprints[1]);
  });

  it('is still recognised as taking a seed', async () => {
    const graph = standardGraph();
    graph['3']!.inputs['seed'] = 'LONG';
    const body = await posted(graph, '18446744073709551615');
    expect(body).not.toContain('18446744073709551615');
    expect(body).toMatch(/"seed":\d{1,10},/);
    const kept = await posted(graph, '18446744073709551615', { binding: { seed: [] } });
    expect(kept).toContain('"seed":18446744073709551615,');
  });
});
