import type { Message } from '@holodeck/core/messages';
import { networkReason } from '../comfyui-errors.ts';
import { say } from '../comfyui-messages.ts';
import { isRecord } from '@holodeck/core/backend';
import { readHistory, readJobAnswer, readQueue } from '../wire/comfyui-wire.ts';
import type { ComfyUIHttp, HttpAnswer } from '../wire/comfyui-http.ts';
import type { FinishedJob } from '../wire/comfyui-wire.ts';
import type { Server } from '../comfyui-options.ts';

/** What the server says of a job. */
export type JobLook =
  | { readonly state: 'pending'; readonly position?: number }
  | { readonly state: 'running' }
  | { readonly state: 'finished'; readonly job: FinishedJob }
  | { readonly state: 'gone' };

/** The server's answer cannot be used; the question may be asked again. */
export class UnusableAnswer extends Error {
  readonly status: number;
  readonly said: Message;

  constructor(status: number, path: string) {
    const said = say('unexpected-status', { status, path });
    super(said.message);
    this.name = 'UnusableAnswer';
    this.status = status;
    this.said = said;
  }
}

/** Why a question has no answer. */
export function reasonOf(error: unknown): string | Message {
  return error instanceof UnusableAnswer ? error.said : networkReason(error);
}

/** Ids that are in the queue, running ones included. */
export type QueuedJobs = ReadonlyMap<string, JobLook>;

const listLimit = 1000;

/**
 * Questions about jobs. /api/jobs (ComfyUI 0.6 and later; under `/api` only) tells all states in one answer; without it the
 * queue is asked first and the history after it, in which order a job that moves on is never missed.
 */
export class JobLookup {
  readonly #http: ComfyUIHttp;
  readonly #jobsPath: string;
  #hasJobsApi: boolean | undefined;
  #hasJobsList = true;

  constructor(http: ComfyUIHttp, server: Server) {
    this.#http = http;
    this.#jobsPath = jobsPath(server);
  }

  /** The record of a finished job, straight from the history; undefined = unknown there, or not finished. */
  async history(promptId: string, signal: AbortSignal): Promise<FinishedJob | undefined> {
    const path = `/history/${encodeURIComponent(promptId)}`;
    const answer = await this.#http.request(path, { signal });
    if (answer.status !== 200 || !isRecord(answer.json)) {
      throw new UnusableAnswer(answer.status, path);
    }
    return readHistory(answer.json, promptId);
  }

  /** The state of one job. */
  async look(promptId: string, signal: AbortSignal): Promise<JobLook> {
    if (this.#hasJobsApi !== false) {
      const path = `${this.#jobsPath}/${encodeURIComponent(promptId)}`;
      const answer = await this.#http.request(path, { signal });
      const told = answer.status === 200 ? readJobAnswer(answer.json) : undefined;
      if (told !== undefined) {
        this.#hasJobsApi = true;
        return told;
      }
      if ([200, 404, 405].includes(answer.status) && !isJobNotFound(answer)) {
        this.#hasJobsApi = false;
      }
    }
    // Also after "Job not found": `gone` is said only when queue and history say the same. They may answer where a proxy
    // lets the jobs routes through to nobody.
    const queued = await this.#queue(signal);
    const inQueue = queued.get(promptId);
    if (inQueue !== undefined) {
      return inQueue;
    }
    const job = await this.history(promptId, signal);
    return job === undefined ? { state: 'gone' } : { state: 'finished', job };
  }

  /** All jobs that wait or run, in one question. */
  async queued(signal: AbortSignal): Promise<QueuedJobs> {
    if (this.#hasJobsList) {
      const path = `${this.#jobsPath}?status=pending,in_progress&limit=${listLimit}`;
      const answer = await this.#http.request(path, { signal });
      const jobs = isRecord(answer.json) ? answer.json['jobs'] : undefined;
      if (answer.status === 200 && Array.isArray(jobs)) {
        return withPositions(jobs.filter(isRecord));
      }
      this.#hasJobsList = ![404, 405].includes(answer.status);
    }
    return this.#queue(signal);
  }

  /** POST /api/jobs/{id}/cancel; undefined = the server has no such route. */
  async cancel(promptId: string, signal: AbortSignal): Promise<boolean | undefined> {
    const path = `${this.#jobsPath}/${encodeURIComponent(promptId)}/cancel`;
    const answer = await this.#http.request(path, { signal, json: {} });
    if (answer.status === 200 && isRecord(answer.json) && typeof answer.json['cancelled'] === 'boolean') {
      return answer.json['cancelled'];
    }
    if (answer.status >= 500) {
      throw new UnusableAnswer(answer.status, path);
    }
    return undefined;
  }

  async #queue(signal: AbortSignal): Promise<Map<string, JobLook>> {
    const answer = await this.#http.request('/queue', { signal });
    const queue = answer.status === 200 ? readQueue(answer.json) : undefined;
    if (queue === undefined) {
      throw new UnusableAnswer(answer.status, '/queue');
    }
    const looks = new Map<string, JobLook>(queue.running.map((id) => [id, { state: 'running' }]));
    for (const [index, id] of queue.pending.entries()) {
      looks.set(id, { state: 'pending', position: index + 1 });
    }
    return looks;
  }
}

/** Jobs run in the order of `priority`, the lowest first, whatever the order of the list. */
function withPositions(jobs: readonly Readonly<Record<string, unknown>>[]): QueuedJobs {
  const looks = new Map<string, JobLook>();
  let pending = 0;
  for (const job of jobs.toSorted((a, b) => Number(a['priority']) - Number(b['priority']))) {
    const look = readJobAnswer(job);
    if (look !== undefined) {
      looks.set(String(job['id']), look.state === 'pending' ? { ...look, position: (pending += 1) } : look);
    }
  }
  return looks;
}

/** Where the jobs routes are: `/api/jobs`, below the base path, which may itself end in `/api`. */
function jobsPath(server: Server): string {
  return /\/api\/?$/.test(server.url.pathname) ? '/jobs' : '/api/jobs';
}

function isJobNotFound(answer: HttpAnswer): boolean {
  return answer.status === 404 && isRecord(answer.json) && 'error' in answer.json;
}
