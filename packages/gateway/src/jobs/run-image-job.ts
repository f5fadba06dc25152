import { join, relative, sep } from 'node:path';
import { ImageError } from '@holodeck/core';
import type { GenerationResult, GenerationTask, ImageClient, ImageUsage, Money, TaskEvent } from '@holodeck/core';
import { sumAmounts } from '@holodeck/core/backend';
import type { AssetResult } from '@holodeck/hybrid';
import type { Caller } from '../keys/caller.ts';
import type { ImageJobRequest, JobFailure, JobImage, JobRecord } from './job-record.ts';
import type { ServiceClients } from './service-clients.ts';

/** What a run adds to its record. */
export type JobEnd = Pick<JobRecord, 'images' | 'failures' | 'warnings' | 'cost' | 'usage' | 'backend' | 'model'>;

/** What a run needs besides its record. */
export interface JobRun {
  readonly clients: ServiceClients;
  readonly caller: Caller;
  readonly outputDir: string;
  readonly signal: AbortSignal;
  /** Whether what may have been paid for already is sent again. */
  readonly mayPayTwice: boolean;
  readonly onEvent: (part: string, event: TaskEvent) => void;
  /** Writes the chosen backend into the record before anything is sent; resolves with the one that stands there. */
  readonly fixBackend: (backend: string, instead?: string) => Promise<string>;
}

/** Nothing was sent or kept, so another backend may be asked: the service is at fault, not the request. */
const movable = new Set<string>(['unavailable', 'auth', 'quota', 'timeout', 'rate-limit', 'concurrency-limit']);

/** Makes the images of a job, each as a task of its own: what exists is found again, what was paid is collected. */
export async function runImageJob(record: JobRecord, request: ImageJobRequest, run: JobRun): Promise<JobEnd> {
  if (request.session !== undefined) return runSessionImages(record, request, request.session, run);
  const tried: string[] = [];
  let backend = record.backend;
  backend ??= await run.fixBackend(
    request.backend === 'auto' ? await run.clients.choose(run.caller, tried) : request.backend,
  );
  for (;;) {
    const client = await run.clients.images(backend, run.mayPayTwice);
    const results = await Promise.all(tasksOf(record, request, client, run).map((task) => runTask(task, client, run)));
    const next = request.backend === 'auto' ? await nextBackend(results, backend, tried, run) : undefined;
    if (next === undefined) return endOf(results.map(partOf), run.outputDir, client);
    backend = await run.fixBackend(next, backend);
  }
}

function tasksOf(record: JobRecord, request: ImageJobRequest, client: ImageClient, run: JobRun): GenerationTask[] {
  const { name, capabilities } = client.backend;
  const { count, references = [], seed } = request;
  const options = { ...(request.previews === true ? run.clients.previewOptionsOf(name) : {}), ...request.options };
  // As OpenAI's edits have it: one picture is where the drawing starts, several are looks to follow.
  const roles = capabilities.references?.roles ?? [];
  const role = references.length === 1 && roles.includes('init') ? 'init' : 'style';
  const task: GenerationTask = {
    ...commonOf(request),
    ...(references.length === 0
      ? {}
      : {
          references: references.map(({ path }) => ({ path: join(run.outputDir, path), role })),
        }),
    ...(request.background === undefined ? {} : { background: request.background }),
    ...(request.format === undefined ? {} : { format: request.format }),
    ...(Object.keys(options).length === 0 ? {} : { providerOptions: { [name]: options } }),
    scope: run.clients.scopeOf(record.key),
  };
  return Array.from({ length: count }, (_, index) => ({
    ...task,
    taskId: partName(record.id, index),
    ...(seed === undefined ? {} : { seed: seed + index }),
  }));
}

function commonOf({ prompt, size, negativePrompt, style }: ImageJobRequest): {
  readonly prompt: string;
  readonly size?: string;
  readonly negativePrompt?: string;
  readonly style?: string;
} {
  return {
    prompt,
    ...(size === undefined ? {} : { size }),
    ...(negativePrompt === undefined ? {} : { negativePrompt }),
    ...(style === undefined ? {} : { style }),
  };
}

function partName(id: string, index: number): string {
  return index === 0 ? id : `${id}-${index + 1}`;
}

async function runTask(task: GenerationTask, client: ImageClient, run: JobRun): Promise<GenerationResult> {
  const { clients, caller, signal, onEvent } = run;
  const result = await client.generate(task, { signal, onProgress: (event) => onEvent(event.taskId, event) });
  await clients.settle(caller, result.scope, result.taskId, result);
  return result;
}

/** The backend that may be asked instead, if no task left anything at this one. */
async function nextBackend(
  results: readonly GenerationResult[],
  backend: string,
  tried: string[],
  { clients, caller, signal }: JobRun,
): Promise<string | undefined> {
  const isClear = results.every(
    (result) =>
      !result.success &&
      result.paidAttempts === 0 &&
      movable.has(result.error.kind) &&
      (result.error.outcome === 'not-submitted' || result.error.outcome === 'rejected'),
  );
  if (!isClear || signal.aborted) return undefined;
  tried.push(backend);
  return clients.choose(caller, tried).catch(() => undefined);
}

async function runSessionImages(
  record: JobRecord,
  request: ImageJobRequest,
  sessionId: string,
  run: JobRun,
): Promise<JobEnd> {
  const { clients, caller, signal, outputDir, onEvent, mayPayTwice } = run;
  const client = clients.sessions(caller, mayPayTwice);
  const { count, seed, references, options, background, format } = request;
  const providerOptions =
    options === undefined ? undefined : Object.fromEntries(clients.names.map((name) => [name, options]));
  const results = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      client.session(sessionId).generateImage(
        {
          ...commonOf(request),
          id: partName(record.id, index),
          ...(seed === undefined ? {} : { seed: seed + index }),
          ...(background === undefined ? {} : { background }),
          ...(format === undefined ? {} : { format }),
          ...(providerOptions === undefined ? {} : { providerOptions }),
          ...(references === undefined
            ? {}
            : { references: references.map(({ path }) => ({ path: join(outputDir, path) })) }),
        },
        { signal, onProgress: ({ assetId, event }) => onEvent(assetId, event) },
      ),
    ),
  );
  await clients.settleSession(caller, sessionId, results);
  return endOfAssets(results, outputDir);
}

/** What the assets of a session add to their job's record. */
export function endOfAssets(results: readonly AssetResult[], outputDir: string): JobEnd {
  const [first] = results;
  return endOf(
    results.map((result) =>
      result.success
        ? { name: result.assetId, result, images: [{ ...result, asset: result.assetId }] }
        : { name: result.assetId, result, images: [] },
    ),
    outputDir,
    { backend: { name: first?.backend, model: first?.model } },
  );
}

interface Part {
  readonly name: string;
  readonly result: GenerationResult | AssetResult;
  readonly images: readonly (Omit<JobImage, 'path'> & { readonly path?: string })[];
}

function partOf(result: GenerationResult): Part {
  return { name: result.taskId, result, images: result.success ? result.images : [] };
}

function endOf(
  parts: readonly Part[],
  outputDir: string,
  { backend }: { readonly backend: { readonly name: string | undefined; readonly model: string | undefined } },
): JobEnd {
  const failures = parts.flatMap(({ name, result }): JobFailure[] =>
    result.success ? [] : [{ part: name, error: result.error.toJSON() }],
  );
  const usage = usageOf(parts.flatMap(({ result }) => ('usage' in result && result.usage) || []));
  return {
    ...(backend.name === undefined ? {} : { backend: backend.name }),
    ...(backend.model === undefined ? {} : { model: backend.model }),
    images: parts.flatMap(({ images }) => images.map((image) => imageOf(image, outputDir))),
    failures,
    warnings: parts.flatMap(({ result }) => result.warnings),
    cost: sumAmounts(parts.flatMap(({ result }) => moneyOf(result))),
    ...(usage === undefined ? {} : { usage }),
  };
}

/** The sum of what the tasks used; undefined if none of them says. */
function usageOf(usages: readonly ImageUsage[]): ImageUsage | undefined {
  if (usages.length === 0) return undefined;
  const sum: Record<string, number> = {};
  for (const [name, amount] of usages.flatMap((usage) => Object.entries(usage))) sum[name] = (sum[name] ?? 0) + amount;
  return sum;
}

function moneyOf(result: GenerationResult | AssetResult): readonly Money[] {
  const { amount, currency } = ('cost' in result ? result.cost : undefined) ?? {};
  return amount === undefined || currency === undefined ? [] : [{ amount, currency }];
}

function imageOf(image: Part['images'][number], outputDir: string): JobImage {
  const { path, asset, mediaType, width, height, byteLength, sha256, seed, revisedPrompt } = image;
  if (path === undefined)
    throw new ImageError({ kind: 'internal', outcome: 'accepted', message: 'An image has no file.' });
  return {
    path: relative(outputDir, path).split(sep).join('/'),
    ...(asset === undefined ? {} : { asset }),
    mediaType,
    width,
    height,
    byteLength,
    sha256,
    ...(seed === undefined ? {} : { seed }),
    ...(revisedPrompt === undefined ? {} : { revisedPrompt }),
  };
}
