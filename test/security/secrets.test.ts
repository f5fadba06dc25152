import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ImageClient } from '@holodeck/core';
import type { Logger } from '@holodeck/core';
import { openTelemetry } from '@holodeck/core/telemetry';
import type { FaultInput } from '@holodeck/emulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantedIn, secretsIn, startPlanted } from './support/planted-services.ts';
import type { PlantedService } from './support/planted-services.ts';
import { SpanRecorder } from './support/span-recorder.ts';

/** Faults of a service that repeats the secrets (`told`) in its answers, as gateways and careless servers do. */
const faults: Readonly<Record<string, (operation: string, told: string) => readonly FaultInput[]>> = {
  'all goes well': () => [],
  'a refusal repeats them': (operation, told) =>
    operation === 'submit' || operation === 'generate'
      ? [{ kind: 'refuse', code: 'invalid_api_key', message: `Wrong key: ${told}`, operation }]
      : [],
  'an unknown refusal repeats them': (operation, told) =>
    operation === 'submit' || operation === 'generate'
      ? [{ kind: 'refuse', code: 'SomethingNew', message: `What is ${told}?`, operation }]
      : [],
  'a page with status 200 repeats them': (operation, told) => [
    { kind: 'wrong-content', body: `<html>${told}</html>`, operation },
  ],
  'a gateway repeats them': (operation, told) => [
    {
      kind: 'http-status',
      status: 403,
      body: `{"error":{"message":"${told}"}}`,
      headers: { 'x-told': told },
      operation,
    },
  ],
  'the answer is cut short': (operation) => [{ kind: 'truncate', operation }],
  'the connection is reset': (operation) => [{ kind: 'reset-after-accept', operation }],
  'the address has expired': (operation) =>
    operation === 'download' || operation === 'view' ? [{ kind: 'http-status', status: 404, operation }] : [],
};

describe.each(Object.keys(startPlanted))('%s reveals no secret', (name) => {
  let service: PlantedService;
  beforeAll(async () => {
    const start = startPlanted[name];
    if (start === undefined) throw new Error(name);
    service = await start();
  });
  afterAll(() => service.close());

  it.each(Object.keys(faults))('when %s: in results, errors, logs, traces and files', async (fault) => {
    for (const operation of service.operations) {
      const rules = faults[fault]?.(operation, service.secrets.join(' and ')) ?? [];
      if (rules.length === 0 && operation !== service.operations[0]) continue;
      service.setFaults(rules);
      const outputs = await runOnce(service);
      for (const [where, text] of Object.entries(outputs)) {
        // A stored answer has the addresses of its images; its folder is private.
        const found = where.endsWith('.answer') ? plantedIn(text) : secretsIn(text);
        expect(found, `${where}, ${operation}: ${text.slice(0, 2000)}`).toEqual([]);
      }
      // Proves that there was output to check.
      expect(outputs['result']).toContain('lamp');
      expect(outputs['traces']).toContain('generate_content');
      expect(Object.keys(outputs)).toContain('store.sqlite');
    }
  });
});

/** Everything that a run shows or keeps, as text. */
async function runOnce(service: PlantedService): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-secrets-'));
  const lines: unknown[] = [];
  const note = (...line: unknown[]): void => void lines.push(line);
  const logger: Logger = { debug: note, info: note, warn: note, error: note };
  const spans = new SpanRecorder();
  const progress: unknown[] = [];
  const client = new ImageClient(service.createBackend(), {
    outputDir: folder,
    logger,
    retryBaseMs: 1,
    retryMaxMs: 2,
    timeoutMs: 1000,
    telemetry: openTelemetry({ tracerProvider: spans, recordContent: true }),
  });
  try {
    const probe = await client.probe();
    const result = await client.generate(
      { prompt: 'a lamp', taskId: 'lamp', outputPath: 'lamp.png' },
      { onProgress: (event) => void progress.push(event) },
    );
    const thrown = result.success ? '' : inspect(result.error, { depth: 20, showHidden: true, maxStringLength: null });
    const outputs = {
      probe: JSON.stringify(probe),
      result: JSON.stringify(result),
      thrown,
      stack: result.success ? '' : String(result.error.stack),
      logs: inspect(lines, { depth: 20, maxArrayLength: null, maxStringLength: null }),
      traces: inspect(spans.told, { depth: 20, maxArrayLength: null, maxStringLength: null }),
      progress: inspect(progress, { depth: 20, maxArrayLength: null, maxStringLength: null }),
      stats: JSON.stringify(client.stats()),
    };
    await client.close();
    return { ...outputs, ...(await filesOf(folder)) };
  } finally {
    await client.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function filesOf(folder: string): Promise<Record<string, string>> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map(async (file) => [file.name, (await readFile(join(file.parentPath, file.name))).toString('latin1')] as const);
  return Object.fromEntries(await Promise.all(texts));
}
