/** Runs the queue's jobs one at a time and tells their events, in ComfyUI's order. */
import type { Clock } from '../base/clock.ts';
import type { FaultEffect } from '../base/fault.ts';
import type { Ledger } from '../base/ledger.ts';
import type { Random } from '../base/random.ts';
import { drawDuration } from '../base/random.ts';
import { inputsOf, linkedNode } from './graph-types.ts';
import { encodePreview } from './preview-picture.ts';
import { ExecutionOrder } from './execution-order.ts';
import { NodeFailure } from './models/run-inputs.ts';
import { runNode } from './run-node.ts';
import { nodeSignature } from './node-signature.ts';
import { JobStopped, RunState } from './run-state.ts';
import { Version } from './comfyui-settings.ts';
import type { ComfyUISettings } from './comfyui-settings.ts';
import type { EventHub } from './event-hub.ts';
import type { FileStore } from './file-store.ts';
import type { Job, JobQueue } from './job-queue.ts';
import type { NodeDefinition } from './node-definitions.ts';
import type { NodeOutcome } from './models/run-inputs.ts';
import type { NodeValue } from './node-values.ts';

export interface JobRunnerOptions {
  readonly queue: JobQueue;
  readonly hub: EventHub;
  readonly files: FileStore;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: () => ComfyUISettings;
  readonly definitions: () => Readonly<Record<string, NodeDefinition>>;
  readonly takeFault: (job: Job) => FaultEffect | undefined;
  readonly restart: () => void;
}

const samplers = new Set(['KSampler', 'SamplerCustomAdvanced']);
const slowByThemselves = new Set([...samplers, 'TestSleep']);

export class JobRunner {
  readonly #options: JobRunnerOptions;
  #state: RunState | undefined;
  #cache: Map<string, NodeOutcome> = new Map();
  #count = 0;
  #idle: Promise<void> = Promise.resolve();

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  /** The node that the running job of a client is at. */
  executingNode(clientId: string): string | undefined {
    return this.#state?.job.clientId === clientId ? this.#state.current : undefined;
  }

  /** Interrupts the running job, or only that one. `false`: it does not run. */
  interrupt(id?: string): boolean {
    if (this.#state === undefined || (id !== undefined && this.#state.job.id !== id)) return false;
    this.#state.stop.abort(new JobStopped('interrupt'));
    return true;
  }

  /** Drops the running job without a trace, and all results. */
  vanish(): void {
    this.#state?.stop.abort(new JobStopped('vanish'));
    this.#state = undefined;
    this.#options.queue.running = undefined;
    this.#cache.clear();
  }

  clearCache(): void {
    this.#cache.clear();
  }

  /** Starts the next job, if none runs. */
  wake(): void {
    const { queue, settings } = this.#options;
    if (this.#state !== undefined || settings().paused) return;
    const job = queue.pop();
    if (job === undefined) return;
    const { random, settings: current } = this.#options;
    const state = new RunState(job, drawDuration(current().jobMs, this.#count, random));
    this.#count += 1;
    this.#state = state;
    queue.running = job;
    this.#broadcastStatus();
    this.#idle = this.#run(state);
  }

  /** Resolves when the job that runs now is over. */
  whenIdle(): Promise<void> {
    return this.#idle;
  }

  #broadcastStatus(): void {
    const { hub, queue } = this.#options;
    hub.send('status', { status: { exec_info: { queue_remaining: queue.remaining } } }, undefined);
  }

  async #run(state: RunState): Promise<void> {
    const { queue, hub, ledger, clock, settings } = this.#options;
    const { job } = state;
    let statusText: 'success' | 'error' = 'success';
    const entry = ledger.entry(job.id);
    try {
      await this.#runGraph(state);
      this.#record(state, 'execution_success', { prompt_id: job.id, timestamp: clock.now() });
      if (entry !== undefined) entry.state = 'succeeded';
    } catch (error) {
      if (this.#state !== state || (error instanceof JobStopped && error.how === 'vanish')) {
        if (entry !== undefined) entry.state = 'lost';
        if (this.#state === state) this.#finish(state, undefined);
        return;
      }
      statusText = 'error';
      if (entry !== undefined) entry.state = error instanceof JobStopped ? 'cancelled' : 'failed';
      if (!this.#recordFailure(state, error)) throw error;
    }
    const gapMs = settings().historyGapMs;
    if (gapMs > 0) await clock.sleep(gapMs, state.stop.signal);
    if (this.#state !== state) return;
    const { outputs, meta, messages } = state;
    queue.remember({ job, outputs, meta, statusText, messages });
    this.#finish(state, () => hub.send('executing', { node: null, prompt_id: job.id }, job.clientId ?? ''));
  }

  #finish(state: RunState, last: (() => void) | undefined): void {
    const { queue, ledger } = this.#options;
    state.current = undefined;
    this.#state = undefined;
    queue.running = undefined;
    ledger.observeRunning(queue.remaining);
    this.#broadcastStatus();
    last?.();
    this.wake();
  }

  /** An event that the history keeps. Without a client id nobody hears it, except of interruptions, which all hear. */
  #record(state: RunState, type: string, data: Record<string, unknown>): void {
    state.messages.push([type, data]);
    const everybody = type === 'execution_interrupted' ? undefined : '';
    this.#options.hub.send(type, data, state.job.clientId ?? everybody);
  }

  /** `false` for an error of the emulator itself. */
  #recordFailure(state: RunState, error: unknown): boolean {
    const { clock } = this.#options;
    const id = state.current ?? '';
    const node_type = state.job.graph[id]?.class_type ?? '';
    const base = { prompt_id: state.job.id, node_id: id, node_type, executed: [...state.executed] };
    if (error instanceof JobStopped) {
      this.#record(state, 'execution_interrupted', { ...base, timestamp: clock.now() });
      return true;
    }
    if (!(error instanceof NodeFailure)) return false;
    const inputs = Object.entries(inputsOf(state.job.graph[id])).map(([name, value]) => [
      name,
      [linkedNode(value) === undefined ? value : 'tensor([...])'],
    ]);
    this.#record(state, 'execution_error', {
      ...base,
      exception_message: error.message,
      exception_type: error.exceptionType,
      traceback: ['  File "execution.py", in execute\n'],
      current_inputs: Object.fromEntries(inputs),
      current_outputs: [id, ...state.executed],
      timestamp: clock.now(),
    });
    return true;
  }

  async #runGraph(state: RunState): Promise<void> {
    const { clock, definitions, restart, settings } = this.#options;
    const { job } = state;
    const { graph } = job;
    const signatures = new Map<string, string>();
    for (const id of Object.keys(graph)) nodeSignature(graph, id, this.#options.files, signatures);
    const results = settings().cache === 'none' ? new Map<string, NodeOutcome>() : this.#cache;
    const isCached = (id: string): boolean => results.has(signatures.get(id) ?? '');
    const isOutput = (id: string): boolean => definitions()[graph[id]?.class_type ?? '']?.outputNode === true;
    this.#record(state, 'execution_start', { prompt_id: job.id, timestamp: clock.now() });
    const cached = Object.keys(graph).filter(isCached);
    this.#record(state, 'execution_cached', { nodes: cached, prompt_id: job.id, timestamp: clock.now() });
    for (const id of cached) state.values.set(id, results.get(signatures.get(id)!)!.values);
    const fault = this.#options.takeFault(job);
    if (fault?.kind === 'lose-job') throw new JobStopped('vanish');
    if (fault?.kind === 'restart') restart();
    state.stop.signal.throwIfAborted();
    const order = new ExecutionOrder(graph, job.outputs, isCached, isOutput);
    const fresh = new Map(cached.map((id) => [signatures.get(id)!, results.get(signatures.get(id)!)!]));
    // Filled node by node: what is done stays known if a later node fails.
    this.#cache = fresh;
    for (let id = order.next(); id !== undefined; id = order.next()) {
      const known = results.get(signatures.get(id)!);
      if (known === undefined) {
        const outcome = await this.#runNode(state, id, fault);
        if (outcome !== undefined) fresh.set(signatures.get(id)!, outcome);
      } else {
        this.#showOutcome(state, id, known);
        this.#sendStates(state, state.states.finish(id));
      }
    }
  }

  async #runNode(state: RunState, id: string, fault: FaultEffect | undefined): Promise<NodeOutcome | undefined> {
    const { hub, clock } = this.#options;
    const { job } = state;
    const node = job.graph[id]!;
    state.current = id;
    this.#sendStates(state, state.states.start(id));
    hub.send('executing', { node: id, display_node: id, prompt_id: job.id }, job.clientId ?? '');
    const blocked = Object.keys(node.inputs)
      .map((name) => this.#valueOf(state, id, name))
      .find((value) => value?.kind === 'blocked');
    if (blocked !== undefined) {
      this.#blockNode(state, id, blocked.kind === 'blocked' ? blocked.message : undefined);
      return undefined;
    }
    if (fault?.kind === 'fail-job')
      throw new NodeFailure(fault.code ?? 'RuntimeError', fault.message ?? 'the emulator was told to fail\n');
    const graphHasSlowNode = Object.values(job.graph).some(({ class_type }) => slowByThemselves.has(class_type));
    if (!graphHasSlowNode && state.slowMs > 0) {
      const { slowMs } = state;
      state.slowMs = 0;
      await clock.sleep(slowMs, state.stop.signal);
    }
    state.stop.signal.throwIfAborted();
    const outcome = await runNode(this.#nodeRun(state, id));
    state.stop.signal.throwIfAborted();
    state.values.set(id, outcome.values);
    this.#showOutcome(state, id, outcome);
    state.executed.push(id);
    this.#sendStates(state, state.states.finish(id));
    return outcome;
  }

  /** A node behind a blocker does not run; the first one tells the message, to everybody without a client, and the job goes on. */
  #blockNode(state: RunState, id: string, message: string | undefined): void {
    const { job } = state;
    const node_type = job.graph[id]?.class_type ?? '';
    if (message !== undefined) {
      const data = {
        prompt_id: job.id,
        node_id: id,
        node_type,
        executed: [...state.executed].reverse(),
        exception_message: `Execution Blocked: ${message}`,
        exception_type: 'ExecutionBlocked',
        traceback: [],
        current_inputs: [],
        current_outputs: [],
      };
      this.#options.hub.send('execution_error', data, job.clientId);
    }
    state.values.set(id, [{ kind: 'blocked', message: undefined }]);
    state.executed.push(id);
    this.#sendStates(state, state.states.finish(id));
  }

  #valueOf(state: RunState, id: string, name: string): NodeValue | undefined {
    const link = state.job.graph[id]?.inputs[name];
    const source = linkedNode(link);
    if (source === undefined || !Array.isArray(link)) return undefined;
    const values = state.values.get(source);
    const value = values?.[Number(link[1])];
    return value ?? (values?.[0]?.kind === 'blocked' ? values[0] : undefined);
  }

  #nodeRun(state: RunState, id: string): Parameters<typeof runNode>[0] {
    const { files, clock, settings, hub } = this.#options;
    const { job } = state;
    const node = job.graph[id]!;
    const workflow = (job.extraData['extra_pnginfo'] as { workflow?: unknown } | undefined)?.workflow;
    return {
      classType: node.class_type,
      literal: (name) => node.inputs[name],
      value: (name) => this.#valueOf(state, id, name),
      files,
      jobId: job.id,
      now: clock.now(),
      pngText: {
        prompt: JSON.stringify(job.graph),
        ...(workflow === undefined ? {} : { workflow: JSON.stringify(workflow) }),
      },
      imageBytes: settings().imageBytes,
      steps: (count, ms) => this.#steps(state, id, count, ms ?? this.#takeSlowMs(state)),
      sendPicture: (bytes, index, count) => {
        this.#tellStep(state, id, index, count, { bytes, isPng: true });
      },
      sendText: (text) => hub.sendText(id, text),
    };
  }

  #takeSlowMs(state: RunState): number {
    const count = Object.values(state.job.graph).filter(({ class_type }) => samplers.has(class_type)).length;
    return state.slowMs / Math.max(1, count);
  }

  async #steps(state: RunState, id: string, count: number, ms: number): Promise<void> {
    const { clock, settings } = this.#options;
    const throttled = new Version(settings().version).atLeast(0, 10);
    let toldAt = Number.NEGATIVE_INFINITY;
    let told = 0;
    // Short steps are slept through together: a thousand timers would take longer than the job.
    const slices = Math.max(1, Math.min(count, Math.ceil(ms / 5)));
    for (let slice = 1; slice <= slices; slice += 1) {
      if (ms > 0) await clock.sleep(ms / slices, state.stop.signal);
      state.stop.signal.throwIfAborted();
      const step = Math.floor((slice / slices) * count + 1e-9);
      const now = clock.now();
      const isDue = !throttled || step === count || (now - toldAt >= 100 && (step - told) / count >= 0.005);
      if (!isDue || step === told) continue;
      toldAt = now;
      told = step;
      this.#tellStep(state, id, step, count, this.#preview(state, step / count));
    }
  }

  #preview(state: RunState, done: number): { bytes: Buffer; isPng: boolean } | undefined {
    const { settings } = this.#options;
    const asked = state.job.extraData['preview_method'];
    const own =
      new Version(settings().version).atLeast(0, 5) && asked !== undefined && asked !== 'default'
        ? asked
        : settings().previewMethod;
    const shows = own === 'latent2rgb' || own === 'taesd' || own === 'auto';
    return shows ? { bytes: encodePreview(done), isPng: false } : undefined;
  }

  /** Progress and picture of one step: event 1 comes after `progress`, event 4 before it. */
  #tellStep(
    state: RunState,
    id: string,
    value: number,
    max: number,
    picture: { bytes: Buffer; isPng: boolean } | undefined,
  ): void {
    const { hub } = this.#options;
    const { job } = state;
    const metadata = { node_id: id, prompt_id: job.id, display_node_id: id, parent_node_id: null, real_node_id: id };
    const show = (): void => {
      if (picture !== undefined) hub.sendPicture({ ...picture, metadata }, job.clientId);
    };
    this.#sendStates(state, state.states.step(id, value, max));
    const first = hub.wantsMetadata(job.clientId);
    if (first) show();
    hub.send('progress', { value, max, prompt_id: job.id, node: id }, job.clientId);
    if (!first) show();
  }

  #showOutcome(state: RunState, id: string, outcome: NodeOutcome): void {
    if (outcome.ui === undefined) return;
    const { job } = state;
    state.outputs[id] = outcome.ui;
    state.meta[id] = { node_id: id, display_node: id, parent_node: null, real_node_id: id };
    this.#options.hub.send(
      'executed',
      { node: id, display_node: id, output: outcome.ui, prompt_id: job.id },
      job.clientId ?? '',
    );
  }

  #sendStates(state: RunState, nodes: Record<string, unknown>): void {
    this.#options.hub.send('progress_state', { prompt_id: state.job.id, nodes }, state.job.clientId);
  }
}
