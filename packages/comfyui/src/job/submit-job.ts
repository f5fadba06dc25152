import { joinSentences } from '@holodeck/core/messages';
import { say } from '../comfyui-messages.ts';
import { isRecord } from '@holodeck/core/backend';
import { randomInt } from 'node:crypto';
import { ImageError } from '@holodeck/core';
import { abortedError, backendName, comfyuiError, joinFaults, networkReason, tlsRemedy } from '../comfyui-errors.ts';
import { describeNodeErrors, droppedOutputs, refusalOf } from './submit-errors.ts';
import { checkInputs } from '../workflow/input-path.ts';
import { stem } from '../workflow/model-families.ts';
import { fillWorkflow } from '../workflow/workflow-fill.ts';
import { readJobOptions } from '../comfyui-capabilities.ts';
import { reasonOf, UnusableAnswer } from './job-lookup.ts';
import { uploadReference } from './uploads.ts';
import type { ImageWarning } from '@holodeck/core';
import type { ImageRequest, ImageSize, JobContext, JobHandle } from '@holodeck/core/backend';
import type { ComfyUIOptions } from '../comfyui-options.ts';
import type { ComfyUIServer } from './comfyui-server.ts';
import type { HttpAnswer } from '../wire/comfyui-http.ts';
import type { PromptBody } from '../wire/comfyui-wire.ts';
import type { FilledGraph } from '../workflow/workflow-fill.ts';
import type { GraphWish, PlannedGraph, WorkflowPlan } from '../workflow/workflow-plan.ts';

/** What a submission works with. */
export interface SubmitEnvironment {
  readonly server: ComfyUIServer;
  readonly plan: WorkflowPlan;
  readonly options: ComfyUIOptions;
}

/** Seeds that are drawn here stay below 2^32, which every sampler node takes. */
const drawnSeeds = 2 ** 32;
/** How long a submission waits for the socket; without it the job is followed by questions alone. */
const socketWaitMs = 2000;

/**
 * Posts one job: uploads its references, fills the workflow, begins to watch under the attempt's key, and posts once.
 *
 * @throws ImageError `not-submitted`, `rejected`, `failed` (taken, but without the result's nodes) or `unknown`.
 */
export async function submitJob(
  request: ImageRequest,
  context: JobContext,
  environment: SubmitEnvironment,
): Promise<JobHandle> {
  const { server, options } = environment;
  const { signal, key } = context;
  if (signal.aborted) {
    throw abortedError(signal, 'not-submitted');
  }
  // Opens while the graph is made ready.
  const opening = server.socket.open();
  const { planned, filled, seed, warnings } = await prepare(request, context, environment);
  const watch = server.monitor.watch(key, filled.graph);
  try {
    await server.socket.openWithin(opening, socketWaitMs, watch.expectsFrames, signal);
    const statusBefore = server.socket.statusCount;
    const { front } = readJobOptions(request);
    const body: PromptBody = {
      prompt: filled.graph,
      prompt_id: key,
      client_id: server.clientId,
      ...(front === true ? { front } : {}),
      ...(options.previewMethod === undefined ? {} : { extra_data: { preview_method: options.previewMethod } }),
    };
    const answer = await post(server, body, context);
    if (answer.status === 400) {
      await assertFilesThere(request, environment, signal);
    }
    const jobId = acceptedId(server, answer);
    warnings.push(...(await partialValidity(server, answer, planned, jobId, signal)));
    if (jobId !== key) {
      // A server before 0.3.45: its events bear its own id, and those before this answer were nobody's.
      server.monitor.forget(watch);
      server.monitor.accepted(server.monitor.watch(jobId, filled.graph));
      server.monitor.lookSoon();
    } else {
      server.monitor.accepted(watch);
    }
    void server.socket.expectStatus(statusBefore, signal);
    return makeHandle(request, context, { server, jobId, filled, planned, seed, warnings });
  } catch (error) {
    server.monitor.forget(watch);
    throw error;
  }
}

/** A refused graph of a session's look: its files may be gone since they were last looked at. */
async function assertFilesThere(
  request: ImageRequest,
  { server, plan }: SubmitEnvironment,
  signal: AbortSignal,
): Promise<void> {
  plan.forget?.(server.http);
  try {
    await plan.graphFor(wishOf(request), server.http, server.label, signal);
  } catch (error) {
    if (ImageError.isInstance(error) && error.code === 'look-gone') {
      throw ImageError.with(error, { outcome: 'rejected' });
    }
  }
}

function wishOf(request: ImageRequest): GraphWish {
  const { look } = readJobOptions(request);
  return {
    roles: request.references.map(({ role }) => role),
    transparent: request.background === 'transparent',
    ...(look === undefined ? {} : { look }),
  };
}

async function prepare(
  request: ImageRequest,
  context: JobContext,
  environment: SubmitEnvironment,
): Promise<{ planned: PlannedGraph; filled: FilledGraph; seed: number | undefined; warnings: ImageWarning[] }> {
  const { server, plan, options } = environment;
  const { signal } = context;
  const { inputs } = readJobOptions(request);
  let planned: PlannedGraph;
  try {
    const wish = { ...wishOf(request), lenient: context.onUnsupported === 'warn' };
    planned = await plan.graphFor(wish, server.http, server.label, signal);
    await checkInputs(planned.graph, Object.keys(inputs ?? {}), server.http, signal);
  } catch (error) {
    throw beforeTheWire(error, server, signal);
  }
  const { binding } = planned;
  const names = new Map<number, string>();
  const waiting = [...request.references];
  for (const [index, { role }] of binding.references.entries()) {
    const at = waiting.findIndex((reference) => reference.role === role);
    const reference = at < 0 ? undefined : waiting.splice(at, 1)[0];
    if (reference !== undefined) {
      names.set(index, await uploadReference(server, reference, signal));
    }
  }
  const seed = binding.seed.length === 0 ? undefined : (request.seed ?? randomInt(drawnSeeds));
  const filled = fillWorkflow(planned.graph, binding, {
    key: context.key,
    prompt: request.prompt,
    ...roundedUp(request.size, planned.multipleOf ?? 1),
    count: request.count,
    references: binding.references.map((_, index) => names.get(index)),
    ...(request.negativePrompt === undefined ? {} : { negativePrompt: request.negativePrompt }),
    ...(seed === undefined ? {} : { seed }),
    ...(options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint }),
    ...(inputs === undefined ? {} : { inputs }),
  });
  return { planned, filled, seed, warnings: planWarnings(request, planned) };
}

function roundedUp({ width, height }: ImageSize, multipleOf: number): ImageSize {
  const round = (side: number): number => Math.ceil(side / multipleOf) * multipleOf;
  return { width: round(width), height: round(height) };
}

function planWarnings(request: ImageRequest, planned: PlannedGraph): ImageWarning[] {
  const { binding, model, leftOut = [] } = planned;
  const warnings: ImageWarning[] = [...leftOut];
  if (binding.prompt.length === 0) {
    warnings.push({
      code: 'unsupported-option',
      feature: 'prompt',
      ...say('prompt-unused'),
    });
  }
  if (request.negativePrompt !== undefined && binding.negativePrompt.length === 0) {
    warnings.push({
      code: 'unsupported-option',
      feature: 'negativePrompt',
      ...say('negative-unused', { model: model?.name ?? '' }),
    });
  }
  if (model?.among !== undefined) {
    warnings.push({
      code: 'other',
      feature: 'checkpoint',
      ...say('model-chosen', { count: model.among.length, model: model.name }),
    });
  }
  return warnings;
}

/** A fault of the questions before a submission: nothing was sent. */
export function beforeTheWire(error: unknown, server: ComfyUIServer, signal: AbortSignal): ImageError {
  if (ImageError.isInstance(error)) {
    return error;
  }
  if (signal.aborted) {
    return abortedError(signal, 'not-submitted');
  }
  const unusable = error instanceof UnusableAnswer;
  const refused = unusable && (error.status === 401 || error.status === 403);
  return comfyuiError({
    kind: refused ? 'auth' : 'unavailable',
    outcome: 'not-submitted',
    retryable: !unusable || error.status >= 500,
    ...say(refused ? 'models-refused' : 'models-unknown', { server: server.label, reason: reasonOf(error) }),
    cause: error,
  });
}

async function post(server: ComfyUIServer, body: unknown, { signal, beforeSend }: JobContext): Promise<HttpAnswer> {
  if (signal.aborted) {
    throw abortedError(signal, 'not-submitted');
  }
  const sent = await server.http.submit('/prompt', body, signal, beforeSend);
  if ('answer' in sent) {
    return sent.answer;
  }
  const outcome = sent.connectionMade ? 'unknown' : 'not-submitted';
  if (signal.aborted) {
    throw abortedError(signal, outcome);
  }
  const reason = networkReason(sent.error);
  throw comfyuiError({
    kind: 'unavailable',
    outcome,
    retryable: true,
    ...(sent.connectionMade
      ? say('post-broken', { server: server.label, reason })
      : joinSentences(say('unreachable', { server: server.label, reason }), tlsRemedy(reason) ?? say('start-it'))),
    cause: sent.error,
  });
}

/** The id under which the server took the job. @throws ImageError when it did not. */
function acceptedId(server: ComfyUIServer, answer: HttpAnswer): string {
  if (answer.status !== 200) {
    throw refusalOf(server.server, answer);
  }
  const id = isRecord(answer.json) ? answer.json['prompt_id'] : undefined;
  if (typeof id !== 'string' || id === '') {
    throw comfyuiError({
      kind: 'bad-response',
      outcome: 'unknown',
      ...say('no-prompt-id', { server: server.label }),
    });
  }
  return id;
}

/**
 * A 200 may still name faults: the server then runs the outputs that are valid and silently drops the rest. Some dropped: a
 * warning. Every result node dropped: the rest is cancelled, and the submission fails.
 */
async function partialValidity(
  server: ComfyUIServer,
  answer: HttpAnswer,
  planned: PlannedGraph,
  jobId: string,
  signal: AbortSignal,
): Promise<ImageWarning[]> {
  const errors = isRecord(answer.json) ? answer.json['node_errors'] : undefined;
  const lines = describeNodeErrors(errors, server.server.secrets);
  if (lines.length === 0) {
    return [];
  }
  const dropped = new Set(droppedOutputs(errors));
  const { graph, binding } = planned;
  const results = binding.outputs ?? Object.keys(graph).filter((id) => /^saveimage/i.test(graph[id]!.class_type));
  const faults = joinFaults(lines);
  if (results.length > 0 && results.every((id) => dropped.has(id))) {
    await server.lookup.cancel(jobId, signal).catch(() => undefined);
    throw comfyuiError({
      kind: 'invalid-request',
      outcome: 'failed',
      ...say('outputs-dropped', { server: server.label, faults }),
      code: 'outputs-dropped',
    });
  }
  return [
    {
      code: 'other',
      feature: 'workflow',
      ...say('parts-dropped', { faults }),
    },
  ];
}

interface HandleParts {
  readonly server: ComfyUIServer;
  readonly jobId: string;
  readonly filled: FilledGraph;
  readonly planned: PlannedGraph;
  readonly seed: number | undefined;
  readonly warnings: readonly ImageWarning[];
}

function makeHandle(request: ImageRequest, context: JobContext, parts: HandleParts): JobHandle {
  const { server, jobId, filled, planned, seed, warnings } = parts;
  const sized = planned.binding.width.length > 0;
  return {
    version: 1,
    backend: backendName,
    lane: server.server.lane.id,
    credential: server.server.credential,
    jobId,
    key: context.key,
    acceptedAtMs: server.clock.now(),
    // A session knows the models of its look by their own names.
    ...(planned.model === undefined || readJobOptions(request).look !== undefined
      ? {}
      : { model: stem(planned.model.name) }),
    data: {
      count: request.count,
      prefixes: filled.prefixes,
      ...(seed === undefined ? {} : { seed }),
      ...(planned.binding.outputs === undefined ? {} : { outputs: planned.binding.outputs }),
      ...(planned.model === undefined ? {} : { checkpoint: planned.model.name }),
      ...(sized ? {} : { unsized: { width: request.size.width, height: request.size.height } }),
      ...(warnings.length === 0 ? {} : { warnings }),
    },
  };
}
