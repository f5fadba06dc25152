import { probeReport } from '@holodeck/core/backend';
import { joinSentences } from '@holodeck/core/messages';
import { say } from './comfyui-messages.ts';
import { abortedError, backendName, cannotAsk, comfyuiError } from './comfyui-errors.ts';
import { capabilitiesOf } from './comfyui-capabilities.ts';
import { collectJob, readHandle } from './job/collect-job.ts';
import { ComfyUIServer, isAtLeast } from './job/comfyui-server.ts';
import { leastVersion, probeServer } from './probe-server.ts';
import { planWorkflow } from './workflow/workflow-plan.ts';
import { resolveServers } from './comfyui-options.ts';
import { beforeTheWire, submitJob } from './job/submit-job.ts';
import { reasonOf, UnusableAnswer } from './job/job-lookup.ts';
import { ImageError } from '@holodeck/core';
import type { ImageBackend, ProbeReport } from '@holodeck/core';
import type {
  BackendCapabilities,
  BackendResult,
  ImageRequest,
  JobContext,
  JobHandle,
  Lane,
  ProbeContext,
  ResolveContext,
  ResolvedLook,
} from '@holodeck/core/backend';
import type { ComfyUIOptions } from './comfyui-options.ts';
import type { PlannedLook, WorkflowPlan } from './workflow/workflow-plan.ts';

/** The first version that interrupts one job by its id; earlier ones interrupt any job that runs. */
const interruptByIdVersion = '0.3.57';

/** Waits between the tries of `locate`, in its intervals: 7 s in all, unless the signal ends them. */
const patience: readonly number[] = [1, 2, 4];

/**
 * One or several ComfyUI servers as an `ImageBackend`.
 *
 * @throws ImageError `invalid-request` when options or workflow cannot work.
 */
export function createComfyUIBackend(options: ComfyUIOptions = {}): ImageBackend {
  return new ComfyUIBackend(options);
}

/** See `createComfyUIBackend`. The protocol is that of ComfyUI 0.3.45 to 0.33. */
class ComfyUIBackend implements ImageBackend {
  readonly name: string = backendName;
  readonly model: string;
  readonly fingerprint: string;
  readonly capabilities: BackendCapabilities;
  readonly lanes: readonly Lane[];
  readonly #options: ComfyUIOptions;
  readonly #plan: WorkflowPlan;
  readonly #servers: ReadonlyMap<string, ComfyUIServer>;

  constructor(options: ComfyUIOptions) {
    const servers = resolveServers(options);
    this.#options = options;
    this.#plan = planWorkflow(options);
    this.model = this.#plan.model;
    this.fingerprint = this.#plan.fingerprint;
    this.capabilities = capabilitiesOf(this.#plan);
    this.lanes = servers.map(({ lane }) => lane);
    this.#servers = new Map(servers.map((server) => [server.lane.id, new ComfyUIServer(server, options)]));
  }

  async probe(context: ProbeContext): Promise<ProbeReport> {
    context.signal.throwIfAborted();
    const began = performance.now();
    const reports = await Promise.all(
      [...this.#servers.values()].map((server) => probeServer(server, this.#plan, this.#options, context.signal)),
    );
    const best =
      reports.find(({ status }) => status === 'ready') ??
      reports.find(({ status }) => status === 'unknown') ??
      reports[0]!;
    const others = reports.filter((report) => report !== best && report.status !== best.status);
    return probeReport({
      backend: this.name,
      model: this.model,
      status: best.status,
      message: joinSentences(best.message, ...others.map(({ message }) => message)),
      proves: reports.flatMap(({ proves }) => proves),
      doesNotProve: reports.flatMap(({ doesNotProve }) => doesNotProve),
      remedy: best.remedy,
      ...(best.errorKind === undefined ? {} : { errorKind: best.errorKind }),
      details: {
        ...best.details,
        serversReady: reports.filter(({ status }) => status === 'ready').length,
        servers: reports.length,
      },
      checkedAtMs: Date.now(),
      durationMs: performance.now() - began,
    });
  }

  async resolve({ signal, fingerprint }: ResolveContext): Promise<ResolvedLook | undefined> {
    const plan = this.#plan;
    const look = fingerprint === undefined ? await this.#decide(signal) : plan.resolved?.(fingerprint);
    return look === undefined
      ? this.#fixedLook(fingerprint)
      : {
          model: look.model,
          fingerprint: look.fingerprint,
          capabilities: capabilitiesOf(plan, look),
          providerOptions: { look: look.fingerprint },
        };
  }

  async submit(request: ImageRequest, context: JobContext): Promise<JobHandle> {
    return submitJob(request, context, {
      server: this.#serverOf(context.lane.id),
      plan: this.#plan,
      options: this.#options,
    });
  }

  async collect(handle: JobHandle, context: JobContext): Promise<BackendResult> {
    return collectJob(this.#serverOfHandle(handle), handle, context, this.#plan);
  }

  async locate(key: string, context: JobContext): Promise<'found' | 'absent'> {
    const server = this.#serverOf(context.lane.id);
    return this.#patiently(server, context.signal, async () => {
      const version = await server.version(context.signal);
      if (!isAtLeast(version, leastVersion)) {
        throw comfyuiError({
          kind: 'unavailable',
          outcome: 'unknown',
          ...say('locate-version', { version, server: server.label, least: leastVersion }),
        });
      }
      for (let look = 1; ; look += 1) {
        const seen = await server.lookup.look(key, context.signal);
        if (seen.state !== 'gone') {
          return 'found';
        }
        if (look === 2) {
          return (await this.#hasFile(server, key, context.signal)) ? 'found' : 'absent';
        }
        await server.clock.sleep(this.#locateIntervalMs, context.signal);
      }
    });
  }

  handleFor(key: string, context: JobContext): JobHandle {
    const server = this.#serverOf(context.lane.id);
    return {
      version: 1,
      backend: this.name,
      lane: server.server.lane.id,
      credential: server.server.credential,
      jobId: key,
      key,
      acceptedAtMs: server.clock.now(),
    };
  }

  async cancel(handle: JobHandle, context: JobContext): Promise<void> {
    const server = this.#serverOfHandle(handle);
    await this.#ask(server, context.signal, async () => {
      const { jobId } = handle;
      const watch = server.monitor.find(jobId);
      server.cancelled.add(jobId);
      if ((await server.lookup.cancel(jobId, context.signal)) === undefined) {
        await this.#cancelByQueue(server, jobId, context.signal);
      }
      if (watch !== undefined && !watch.collecting) {
        server.monitor.forget(watch);
      }
      server.monitor.lookSoon();
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
  }

  /** Before 0.26: out of the queue first, then, if it runs already, an interrupt of this one job. */
  async #cancelByQueue(server: ComfyUIServer, jobId: string, signal: AbortSignal): Promise<void> {
    const removed = await server.http.request('/queue', { signal, json: { delete: [jobId] } });
    if (removed.status !== 200) {
      throw new UnusableAnswer(removed.status, '/queue');
    }
    const version = await server.version(signal);
    // A server without a version may be older than any that reports one.
    const byId = version !== '' && isAtLeast(version, interruptByIdVersion);
    if (!byId && this.#options.interruptAnything !== true) {
      if ((await server.lookup.look(jobId, signal)).state !== 'running') {
        return;
      }
      server.cancelled.delete(jobId);
      throw comfyuiError({
        kind: 'unavailable',
        outcome: 'accepted',
        ...(version === ''
          ? say('interrupt-unknown', { server: server.label, least: interruptByIdVersion })
          : say('interrupt-version', { version, server: server.label, least: interruptByIdVersion })),
      });
    }
    const interrupted = await server.http.request('/interrupt', { signal, json: { prompt_id: jobId } });
    if (interrupted.status !== 200) {
      throw new UnusableAnswer(interrupted.status, '/interrupt');
    }
  }

  /** Whether a file with the job's own prefix is there: a job that ran before the server was restarted. */
  async #hasFile(server: ComfyUIServer, key: string, signal: AbortSignal): Promise<boolean> {
    return (await server.http.status(`/view?filename=${key}_00001_.png&type=output&subfolder=`, signal)) === 200;
  }

  /** A workflow of the user's is a look by itself. */
  #fixedLook(fingerprint: string = this.fingerprint): ResolvedLook | undefined {
    const { model, capabilities } = this;
    return this.#plan.resolve === undefined && fingerprint === this.fingerprint
      ? { model, fingerprint, capabilities, providerOptions: {} }
      : undefined;
  }

  /** The look, by the first server that tells its models. */
  async #decide(signal: AbortSignal): Promise<PlannedLook | undefined> {
    let last: unknown;
    for (const server of this.#servers.values()) {
      try {
        return await this.#plan.resolve?.(server, signal);
      } catch (error) {
        last = beforeTheWire(error, server, signal);
      }
    }
    throw last;
  }

  get #locateIntervalMs(): number {
    return this.#options.internal?.locateIntervalMs ?? 1000;
  }

  /**
   * Like `#ask`, but asks a server that is away again: often its restart cut the submission off, and without an answer the task
   * stays open.
   */
  async #patiently<T>(server: ComfyUIServer, signal: AbortSignal, questions: () => Promise<T>): Promise<T> {
    for (const intervals of patience) {
      try {
        return await questions();
      } catch (error) {
        const away = !ImageError.isInstance(error) && !(error instanceof UnusableAnswer && error.status < 500);
        if (signal.aborted || !away) {
          return this.#ask(server, signal, () => Promise.reject(error));
        }
      }
      await this.#ask(server, signal, () => server.clock.sleep(intervals * this.#locateIntervalMs, signal));
    }
    return this.#ask(server, signal, questions);
  }

  /** Runs questions to a server, with their faults as `ImageError`s. */
  async #ask<T>(server: ComfyUIServer, signal: AbortSignal, questions: () => Promise<T>): Promise<T> {
    try {
      return await questions();
    } catch (error) {
      if (ImageError.isInstance(error)) {
        throw error;
      }
      if (signal.aborted) {
        throw abortedError(signal, 'accepted');
      }
      throw cannotAsk(server.label, reasonOf(error), error);
    }
  }

  #serverOf(lane: string): ComfyUIServer {
    const server = this.#servers.get(lane);
    if (server === undefined) {
      throw comfyuiError({
        kind: 'invalid-request',
        outcome: 'not-submitted',
        ...say('lane-foreign', { lane, servers: this.lanes.map(({ label }) => label).join(', ') }),
      });
    }
    return server;
  }

  #serverOfHandle(handle: JobHandle): ComfyUIServer {
    return readHandle(handle, this.#servers);
  }
}
