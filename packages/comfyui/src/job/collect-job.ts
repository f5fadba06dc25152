import { joinSentences } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { say } from '../comfyui-messages.ts';
import { isRecord, takeImages } from '@holodeck/core/backend';
import { abortedError, backendName, comfyuiError } from '../comfyui-errors.ts';
import { listNames } from '../list-names.ts';
import { failureOf, goneError } from './job-errors.ts';
import { fetchExtraFiles, fetchFile, outputPathOf, rescueFiles, resultImages, writeFrame } from './job-images.ts';
import type { ImageWarning } from '@holodeck/core';
import type { BackendResult, CollectedImage, ImageInfo, JobContext, JobHandle } from '@holodeck/core/backend';
import type { ComfyUIServer } from './comfyui-server.ts';
import { readOtherFiles } from '../wire/comfyui-wire.ts';
import { resultPrefixes } from '../workflow/workflow-fill.ts';
import type { FinishedJob, OutputFile } from '../wire/comfyui-wire.ts';
import type { JobVerdict, JobWatch } from './job-watch.ts';
import type { WorkflowPlan } from '../workflow/workflow-plan.ts';

/** A workflow may save several pictures, each with a node of its own; each gives as many as were asked for. */
const maxResultNodes = 16;

/** The server of a handle. @throws ImageError when it belongs to another backend or server. */
export function readHandle(handle: JobHandle, servers: ReadonlyMap<string, ComfyUIServer>): ComfyUIServer {
  const refuse = (said: Message, kind: 'auth' | 'internal' = 'internal'): never => {
    throw comfyuiError({ kind, outcome: 'accepted', handle, ...said });
  };
  if (handle.backend !== backendName) {
    return refuse(say('handle-backend', { backend: handle.backend }));
  }
  if (handle.version !== 1) {
    return refuse(say('handle-version', { version: String(handle.version) }));
  }
  const server = servers.get(handle.lane);
  if (server === undefined || server.server.credential !== handle.credential) {
    const labels = [...servers.values()].map(({ label }) => label).join(', ');
    return refuse(say('handle-server', { servers: labels }), 'auth');
  }
  return server;
}

/** Waits for a job and fetches its images. */
export async function collectJob(
  server: ComfyUIServer,
  handle: JobHandle,
  context: JobContext,
  plan: WorkflowPlan,
): Promise<BackendResult> {
  const { signal } = context;
  if (signal.aborted) {
    throw abortedError(signal, 'accepted');
  }
  const watch = watchFor(server, handle);
  try {
    watch.collecting = true;
    watch.listen(context.onProgress);
    const verdict = await untilVerdict(watch, signal);
    context.onEnded?.();
    const cancelled = server.cancelled.has(handle.jobId);
    return verdict.state === 'gone'
      ? await rescue(server, handle, context, { cancelled, disconnected: verdict.disconnected, plan })
      : await fetchResult(server, handle, context, { job: verdict.job, watch, cancelled, plan });
  } finally {
    watch.listen(undefined);
    server.monitor.forget(watch);
    if (watch.settled) {
      server.cancelled.delete(handle.jobId);
    }
  }
}

function watchFor(server: ComfyUIServer, handle: JobHandle): JobWatch {
  const { monitor } = server;
  const known = monitor.find(handle.jobId);
  if (known !== undefined && !known.failed) {
    return known;
  }
  if (known !== undefined) {
    monitor.forget(known);
  }
  const watch = monitor.watch(handle.jobId);
  monitor.resumed(watch);
  return watch;
}

async function untilVerdict(watch: JobWatch, signal: AbortSignal): Promise<JobVerdict> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(abortedError(signal, 'accepted'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([watch.verdict, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function rescue(
  server: ComfyUIServer,
  handle: JobHandle,
  context: JobContext,
  state: { readonly cancelled: boolean; readonly disconnected: boolean; readonly plan: WorkflowPlan },
): Promise<BackendResult> {
  const count = typeof handle.data?.['count'] === 'number' ? handle.data['count'] : context.imageCount;
  const prefixes = prefixesOf(handle, state.plan).slice(0, maxResultNodes);
  const rescued = state.cancelled ? 0 : await rescueFiles(server, prefixes, count, context);
  if (rescued === 0) {
    throw goneError(server.label, handle, state);
  }
  const seed = seedOf(handle, undefined, undefined);
  return {
    images: Array.from({ length: rescued }, (_, index): CollectedImage => ({
      index,
      ...(seed === undefined ? {} : { seed }),
    })),
    warnings: [...keptWarnings(handle), { code: 'other', ...say('file-kept', { server: server.label }) }],
  };
}

/** The handle's; for a handle made by `handleFor`, those of the workflow that made it. */
function prefixesOf(handle: JobHandle, { template }: WorkflowPlan): readonly string[] {
  const kept = handle.data?.['prefixes'];
  if (Array.isArray(kept)) {
    return kept.map(String);
  }
  return template === undefined ? [handle.key] : resultPrefixes(template.graph, template.binding, handle.key);
}

interface Finished {
  readonly job: FinishedJob;
  readonly watch: JobWatch;
  readonly cancelled: boolean;
  readonly plan: WorkflowPlan;
}

async function fetchResult(
  server: ComfyUIServer,
  handle: JobHandle,
  context: JobContext,
  finished: Finished,
): Promise<BackendResult> {
  const { job, watch, plan } = finished;
  const failure = failureOf(server.server, job, handle, finished.cancelled);
  if (failure !== undefined) {
    throw failure;
  }
  const outputs = handle.data?.['outputs'];
  const named = Array.isArray(outputs) ? outputs.map(String) : plan.template?.binding.outputs;
  const byNode = resultImages(job, watch.frames, named);
  const asked = byNode.slice(0, maxResultNodes).flatMap((node) => node.slice(0, context.imageCount));
  const images = takeImages(byNode.flat(), context, asked);
  if (images.length === 0) {
    throw withoutImages(server.label, handle, finished);
  }
  const seed = seedOf(handle, job, plan);
  const collected: CollectedImage[] = [];
  const warnings: ImageWarning[] = [...keptWarnings(handle), ...blockedWarnings(watch)];
  for (const [index, image] of images.entries()) {
    const info =
      'file' in image
        ? await fetchFile(server, image.file, index, context)
        : await writeFrame(image.frame, index, context);
    warnings.push(...(index === 0 ? sizeWarnings(handle, info) : []));
    collected.push({ index, ...(seed === undefined ? {} : { seed }) });
  }
  const left = namesOf(await fetchExtraFiles(server, otherFiles(job), context));
  if (left !== undefined)
    warnings.push({ code: 'other', feature: 'workflow', ...say('other-files', { server: server.label, files: left }) });
  return { images: collected, warnings };
}

function withoutImages(label: string, handle: JobHandle, { job, watch }: Finished): Error {
  const bySocket =
    watch.expectsFrames || Object.values(job.graph ?? {}).some((node) => node.class_type === 'SaveImageWebsocket');
  if (bySocket && watch.disconnected) {
    return comfyuiError({
      kind: 'job-failed',
      outcome: 'lost',
      retryable: true,
      code: 'frames-missed',
      handle,
      ...say('frames-missed', { server: label }),
    });
  }
  const reason = watch.blocked.length > 0 ? say('blocked-says', { words: watch.blocked.join('; ') }) : undefined;
  const others = namesOf(otherFiles(job));
  if (others !== undefined) {
    throw comfyuiError({
      kind: 'job-failed',
      outcome: 'failed',
      code: 'no-images',
      handle,
      ...joinSentences(say('other-files-only', { server: label, files: others }), reason, say('other-files-remedy')),
    });
  }
  const previews = Object.values(job.outputs).some(
    (output) => isRecord(output) && Array.isArray(output['images']) && output['images'].length > 0,
  );
  return comfyuiError({
    kind: 'job-failed',
    outcome: 'failed',
    code: 'no-images',
    handle,
    ...joinSentences(say('no-images', { server: label }), reason, say(previews ? 'previews-only' : 'nothing-saved')),
  });
}

function otherFiles(job: FinishedJob): OutputFile[] {
  return Object.values(job.outputs).flatMap(readOtherFiles);
}

/** Names of files for a sentence; undefined where there are none. */
function namesOf(files: readonly OutputFile[]): string | undefined {
  return files.length === 0 ? undefined : listNames(files.map(outputPathOf));
}

function blockedWarnings(watch: JobWatch): ImageWarning[] {
  return watch.blocked.map((words) => ({ code: 'other', feature: 'workflow', ...say('branch-blocked', { words }) }));
}

function keptWarnings(handle: JobHandle): ImageWarning[] {
  const warnings = handle.data?.['warnings'];
  return Array.isArray(warnings) ? (warnings as ImageWarning[]) : [];
}

/** The seed of the handle; for a handle made by `handleFor`, the one in the graph that ran. */
function seedOf(handle: JobHandle, job: FinishedJob | undefined, plan: WorkflowPlan | undefined): number | undefined {
  const kept = handle.data?.['seed'];
  if (typeof kept === 'number') {
    return kept;
  }
  const [address] = plan?.bindable.seed ?? [];
  const value = address === undefined ? undefined : job?.graph?.[address.node]?.inputs[address.input];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

function sizeWarnings(handle: JobHandle, info: ImageInfo): ImageWarning[] {
  const asked = handle.data?.['unsized'];
  if (!isRecord(asked) || (asked['width'] === info.width && asked['height'] === info.height)) {
    return [];
  }
  return [
    {
      code: 'size-differs',
      feature: 'size',
      ...say('size-of-workflow', {
        size: `${info.width}x${info.height}`,
        wanted: `${String(asked['width'])}x${String(asked['height'])}`,
      }),
    },
  ];
}
