import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import { DataPointType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { Histogram } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ImageClient, ResultCache } from '../../src/index.ts';
import type { ImageClientOptions } from '../../src/index.ts';
import type { BackendResult } from '../../src/backend.ts';
import { openTelemetry } from '../../src/telemetry/index.ts';
import type { OpenTelemetryOptions } from '../../src/telemetry/index.ts';
import { AsyncContext } from '../support/async-context.ts';
import { fault, refusal, ScriptedBackend } from '../support/scripted-backend.ts';

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

let outputDir: string;
let exporter: InMemorySpanExporter;
let tracerProvider: TracerProvider;
let meterProvider: MeterProvider;
let reader: Reader;
const clients: ImageClient[] = [];

beforeEach(async () => {
  outputDir = await mkdtemp(join(tmpdir(), 'holodeck-telemetry-'));
  exporter = new InMemorySpanExporter();
  tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  reader = new Reader();
  meterProvider = new MeterProvider({ readers: [reader] });
  context.setGlobalContextManager(new AsyncContext());
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
  context.disable();
  await rm(outputDir, { recursive: true, force: true });
});

function start(
  backend: ScriptedBackend = new ScriptedBackend(),
  options: ImageClientOptions = {},
  telemetry: OpenTelemetryOptions = {},
): ImageClient {
  const client = new ImageClient(backend, {
    outputDir,
    retryBaseMs: 1,
    retryMaxMs: 5,
    telemetry: openTelemetry({ tracerProvider, meterProvider, ...telemetry }),
    ...options,
  });
  clients.push(client);
  return client;
}

/** All spans by name, in order of their end. */
async function spans(): Promise<readonly ReadableSpan[]> {
  await tracerProvider.forceFlush();
  return exporter.getFinishedSpans();
}

async function spanOf(name: string): Promise<ReadableSpan> {
  const found = (await spans()).filter((span) => span.name === name);
  if (found.length !== 1) throw new Error(`There are ${found.length} spans ${name}.`);
  return found[0] as ReadableSpan;
}

/** The points of one instrument. */
async function points(name: string): Promise<readonly { readonly attributes: Attributes; readonly value: unknown }[]> {
  const { resourceMetrics } = await reader.collect();
  const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  return all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
}

const root = 'generate_content model-1';

class CountingBackend extends ScriptedBackend {
  override async collect(...args: Parameters<ScriptedBackend['collect']>): Promise<BackendResult> {
    return { ...(await super.collect(...args)), usage: { inputTokens: 12, outputTokens: 340 } };
  }
}

describe('a task', () => {
  it('is a span by the conventions, with a child for its submission and one for its collection', async () => {
    const prices = { scripted: { perImage: 0.2, currency: 'CNY' } };
    const client = start(new CountingBackend(), { prices });
    const result = await client.generate({ prompt: 'x', seed: 5, size: '512x256', count: 2 });
    const span = await spanOf(root);
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toMatchObject({
      'gen_ai.operation.name': 'generate_content',
      'gen_ai.provider.name': 'scripted',
      'gen_ai.request.model': 'model-1',
      'gen_ai.output.type': 'image',
      'gen_ai.request.choice.count': 2,
      'gen_ai.request.seed': 5,
      'gen_ai.response.id': result.jobId,
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.output_tokens': 340,
      'holodeck.request.image.width': 512,
      'holodeck.request.image.height': 256,
      'holodeck.outcome': 'done',
      'holodeck.source': 'generated',
      'holodeck.attempts': 1,
      'holodeck.paid_attempts': 1,
      'holodeck.cost.amount': 0.4,
      'holodeck.cost.currency': 'CNY',
    });
    expect(span.attributes['holodeck.queue.duration']).toBe(result.timings.queuedMs / 1000);
    expect(span.attributes).not.toHaveProperty('error.type');
    for (const [name, outcome] of [
      ['submit model-1', 'accepted'],
      ['collect model-1', 'delivered'],
    ] as const) {
      const child = await spanOf(name);
      expect(child.parentSpanContext?.spanId).toBe(span.spanContext().spanId);
      expect(child.attributes).toMatchObject({ 'holodeck.attempt': 1, 'holodeck.outcome': outcome });
    }
  });

  it('belongs to the trace of its caller, and what a backend does to the task', async () => {
    const tracer = tracerProvider.getTracer('application');
    const inside: (string | undefined)[] = [];
    const backend = new ScriptedBackend({
      submit: [
        async ({ key }) => {
          inside.push(trace.getActiveSpan()?.spanContext().spanId);
          await Promise.resolve();
          return backend.handle(key);
        },
      ],
    });
    const client = start(backend);
    await tracer.startActiveSpan('scene', async (span) => {
      await client.generate({ prompt: 'x' });
      span.end();
    });
    const caller = await spanOf('scene');
    const task = await spanOf(root);
    expect(task.parentSpanContext?.spanId).toBe(caller.spanContext().spanId);
    expect(task.spanContext().traceId).toBe(caller.spanContext().traceId);
    expect(inside).toEqual([(await spanOf('submit model-1')).spanContext().spanId]);
  });

  it('reports each submission and its outcome', async () => {
    const submit = [refusal(), fault({}), 'take' as const];
    const result = await start(new ScriptedBackend({ submit })).generate({ prompt: 'x' });
    expect(result.success).toBe(true);
    const tries = (await spans()).filter(({ name }) => name.startsWith('submit'));
    expect(tries.map(({ attributes }) => [attributes['holodeck.outcome'], attributes['error.type']])).toEqual([
      ['rejected', 'concurrency-limit'],
      ['not-submitted', 'unavailable'],
      ['accepted', undefined],
    ]);
    const counted = await points('holodeck.submissions');
    expect(counted.map(({ attributes, value }) => [attributes['holodeck.outcome'], value])).toEqual([
      ['rejected', 1],
      ['not-submitted', 1],
      ['accepted', 1],
    ]);
  });

  it('that fails reports the kind and outcome of the error', async () => {
    const policy = fault({ kind: 'content-policy', outcome: 'rejected', retryable: false });
    await start(new ScriptedBackend({ submit: [policy] })).generate({ prompt: 'x' });
    const span = await spanOf(root);
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span.attributes).toMatchObject({ 'error.type': 'content-policy', 'holodeck.outcome': 'rejected' });
    expect(await points('holodeck.tasks')).toMatchObject([
      { value: 1, attributes: { 'error.type': 'content-policy', 'holodeck.outcome': 'rejected' } },
    ]);
  });

  it('that is refused before it is sent has its own span', async () => {
    await start().generate({ prompt: '' });
    expect((await spans()).map(({ name }) => name)).toEqual([root]);
    expect((await spanOf(root)).attributes).toMatchObject({
      'error.type': 'invalid-request',
      'holodeck.outcome': 'not-submitted',
      'holodeck.attempts': 0,
    });
  });

  it('that an earlier process paid for is only collected', async () => {
    const backend = new ScriptedBackend({ collect: ['never-ends'] });
    const client = start(backend);
    const running = client.generate({ prompt: 'x', seed: 3 });
    await backend.nextCollect;
    await client.close();
    await running;
    await tracerProvider.forceFlush();
    exporter.reset();
    expect(await Array.fromAsync(start().resume())).toMatchObject([{ success: true }]);
    expect((await spans()).map(({ name }) => name)).toEqual(['collect model-1', root]);
    expect((await spanOf(root)).attributes).toMatchObject({
      'holodeck.resuming': true,
      'holodeck.source': 'resumed',
      'holodeck.paid_attempts': 1,
      'gen_ai.request.seed': 3,
    });
  });

  it('that is found or comes from the cache says so, and costs nothing', async () => {
    const prices = { scripted: { perImage: 0.2, currency: 'CNY' } };
    const cache = new ResultCache({ directory: join(outputDir, 'cache') });
    const task = { prompt: 'x', seed: 1, taskId: 'one' };
    const options = { prices, cache };
    await start(new ScriptedBackend(), options).generate(task);
    await start(new ScriptedBackend(), options).generate(task);
    await start(new ScriptedBackend(), { ...options, outputDir: join(outputDir, 'other') }).generate(task);
    const sources = (await spans())
      .filter(({ name }) => name === root)
      .map(({ attributes }) => attributes['holodeck.source']);
    expect(sources).toEqual(['generated', 'resumed', 'cache']);
    const [cost, ...others] = await points('holodeck.cost');
    expect(others).toEqual([]);
    expect(cost).toMatchObject({ value: 0.2, attributes: { 'holodeck.cost.currency': 'CNY' } });
  });
});

describe('metrics', () => {
  it('measure durations, waits and tokens in the units of the conventions', async () => {
    const client = start(new CountingBackend({ jobMs: 30 }));
    const startedAtMs = performance.now();
    await client.generateBatch([1, 2, 3].map((seed) => ({ prompt: 'x', seed })));
    const elapsedSeconds = (performance.now() - startedAtMs) / 1000;
    for (const [name, count] of [
      ['gen_ai.client.operation.duration', 3],
      ['holodeck.queue.duration', 3],
    ] as const) {
      const [point] = await points(name);
      const measured = point?.value as Histogram | undefined;
      expect(measured?.count).toBe(count);
      // Seconds: none of the three took longer than all of them.
      expect(measured?.sum).toBeLessThanOrEqual(3 * elapsedSeconds);
      expect(point?.attributes).toEqual({
        'gen_ai.operation.name': 'generate_content',
        'gen_ai.provider.name': 'scripted',
        'gen_ai.request.model': 'model-1',
        'gen_ai.output.type': 'image',
      });
    }
    const tokens = await points('gen_ai.client.token.usage');
    expect(tokens.map(({ attributes, value }) => [attributes['gen_ai.token.type'], (value as Histogram).sum])).toEqual([
      ['input', 36],
      ['output', 1020],
    ]);
    const { resourceMetrics } = await reader.collect();
    const duration = resourceMetrics.scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .find(({ descriptor }) => descriptor.name === 'gen_ai.client.operation.duration');
    expect(duration).toMatchObject({ descriptor: { unit: 's' }, dataPointType: DataPointType.HISTOGRAM });
  });

  it('show the state of each lane until the client is closed', async () => {
    const backend = new ScriptedBackend({ collect: ['never-ends'] });
    const client = start(backend, { maxConcurrent: 1 });
    const stop = new AbortController();
    const running = client.generateBatch(
      [1, 2, 3].map((seed) => ({ prompt: 'x', seed })),
      { signal: stop.signal },
    );
    await backend.nextCollect;
    const value = async (name: string): Promise<unknown> => (await points(name))[0]?.value;
    expect(await value('holodeck.lane.in_flight')).toBe(1);
    expect(await value('holodeck.lane.waiting')).toBe(2);
    expect(await value('holodeck.lane.limit')).toBe(1);
    expect((await points('holodeck.lane.limit'))[0]?.attributes['holodeck.lane']).toBe('account');
    stop.abort();
    await running;
    await client.close();
    for (const name of ['in_flight', 'waiting', 'limit']) {
      expect((await points(`holodeck.lane.${name}`)).map((point) => point.value)).toEqual([0]);
    }
  });
});

describe('what is private', () => {
  const secret = '绝密的提示词';
  const task = { prompt: secret, taskId: `task-${secret}`, scope: `scope-${secret}`, outputPath: `${secret}.png` };

  async function everything(): Promise<string> {
    const { resourceMetrics } = await reader.collect();
    const seen = (await spans()).map(({ name, attributes, events, status }) => ({ name, attributes, events, status }));
    return JSON.stringify([seen, resourceMetrics.scopeMetrics]);
  }

  it('stays out of spans and metrics, also where a task fails or is refused', async () => {
    const quoting = fault({
      outcome: 'failed',
      kind: 'job-failed',
      retryable: false,
      message: `No picture of ${secret}; see https://example.test/${secret}?signature=1`,
    });
    const client = start(new ScriptedBackend({ collect: ['deliver', quoting] }));
    expect(await client.generate(task)).toMatchObject({ success: true });
    expect(await client.generate({ ...task, taskId: `2 ${secret}`, overwrite: true })).toMatchObject({
      success: false,
    });
    await client.generate({ ...task, seed: -1 });
    const text = await everything();
    expect(await spans()).toHaveLength(7);
    expect(text).not.toContain(secret);
    expect(text).not.toContain('https://');
    expect(text).not.toContain(outputDir);
  });

  it('goes into spans on request, but never into metrics', async () => {
    await start(new ScriptedBackend(), {}, { recordContent: true }).generate(task);
    const { attributes } = await spanOf(root);
    expect(JSON.parse(attributes['gen_ai.input.messages'] as string)).toEqual([
      { role: 'user', parts: [{ type: 'text', content: secret }] },
    ]);
    expect(attributes).toMatchObject({
      'holodeck.task.id': task.taskId,
      'holodeck.task.scope': task.scope,
      'holodeck.output.paths': [join(outputDir, task.outputPath)],
    });
    const { resourceMetrics } = await reader.collect();
    expect(JSON.stringify(resourceMetrics.scopeMetrics)).not.toContain(secret);
  });
});

it('does nothing if the application has no SDK', async () => {
  const client = new ImageClient(new ScriptedBackend(), { outputDir, telemetry: openTelemetry() });
  clients.push(client);
  expect(await client.generate({ prompt: 'x' })).toMatchObject({ success: true });
});
