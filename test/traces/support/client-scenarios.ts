import { join } from 'node:path';

import { ResultCache } from '@holodeck/core';
import { paintPng } from '@holodeck/emulators';

import { task } from './client-stage.ts';
import type { ClientStage } from './client-stage.ts';
import type { ServiceName } from './services.ts';

/** A scenario, as steps on the stage; `only` names the services where it can happen. */
export interface ClientScenario {
  readonly only?: readonly ServiceName[];
  readonly play: (stage: ClientStage) => Promise<void>;
}

const deadlineMs = 300_000;

/** Codes with which each service refuses. */
const refusals = {
  limit: { hunyuan: 'RequestLimitExceeded.JobNumExceed', openai: 'rate_limit_exceeded', comfyui: 429 },
  money: { hunyuan: 'ResourceUnavailable.InArrears', openai: 'credit_balance_exhausted', comfyui: 402 },
  words: { hunyuan: 'OperationDenied.TextIllegalDetected', openai: 'moderation_blocked', comfyui: 400 },
} as const;

function refuse({ service }: ClientStage, why: keyof typeof refusals, nth?: number): void {
  const code: string | number = refusals[why][service.name];
  const which = { operation: service.submit, ...(nth === undefined ? {} : { nth }) };
  service.setFaults([
    typeof code === 'number' ? { kind: 'http-status', status: code, ...which } : { kind: 'refuse', code, ...which },
  ]);
}

function strike(
  { service }: ClientStage,
  kind: 'reset-before-accept' | 'reset-after-accept' | 'stall' | 'truncate',
): void {
  service.setFaults([{ kind, operation: service.submit, nth: 1 }]);
}

/** Jobs fail for a passing reason: the nth, or all. */
function failJobs({ service }: ClientStage, nth?: number): void {
  const code = { hunyuan: 'FailedOperation.InnerError', openai: undefined, comfyui: 'OutOfMemoryError' }[service.name];
  const operation = service.name === 'comfyui' ? 'run' : service.submit;
  const which = { operation, ...(code === undefined ? {} : { code }), ...(nth === undefined ? {} : { nth }) };
  service.setFaults([{ kind: 'fail-job', ...which }]);
}

/** ComfyUI runs a job before the client knows of it; its progress depends on speed. */
function holdQueue({ service }: ClientStage): void {
  if (service.name === 'comfyui') service.holdJobs();
}

/** Runs the same command again, as the user does when the fault is over. */
async function again(stage: ClientStage): Promise<void> {
  stage.service.setFaults([]);
  stage.service.endJobs();
  await stage.run();
}

const three = ['lamp', 'stool', 'bowl'].map((name) => task(name));

/** The situations of a task or a batch. Each scenario also runs the same command again, as another process would. */
export const clientScenarios: Readonly<Record<string, ClientScenario>> = {
  ok: {
    play: async (stage) => {
      await stage.run();
      await again(stage);
    },
  },
  refused: {
    only: ['hunyuan', 'openai'],
    play: async (stage) => {
      refuse(stage, 'words');
      await stage.run();
      await again(stage);
    },
  },
  'no money': {
    play: async (stage) => {
      refuse(stage, 'money');
      await stage.run();
      await again(stage);
    },
  },
  'limit reached': {
    play: async (stage) => {
      refuse(stage, 'limit', 1);
      await stage.run();
      await again(stage);
    },
  },
  'reset before it is taken': {
    play: async (stage) => {
      strike(stage, 'reset-before-accept');
      await stage.run();
      await again(stage);
    },
  },
  'lost answer': {
    play: async (stage) => {
      strike(stage, 'reset-after-accept');
      await stage.run();
      await again(stage);
    },
  },
  'lost answer, sent again on the word of the user': {
    only: ['hunyuan', 'openai'],
    play: async (stage) => {
      strike(stage, 'reset-after-accept');
      await stage.run();
      await stage.resume();
      await stage.run({ options: { resubmitUnknown: true } });
    },
  },
  'answer cut short': {
    play: async (stage) => {
      strike(stage, 'truncate');
      await stage.run();
      await again(stage);
    },
  },
  'lost job': {
    only: ['hunyuan', 'comfyui'],
    play: async (stage) => {
      const operation = stage.service.name === 'hunyuan' ? 'query' : 'run';
      stage.service.setFaults([{ kind: 'lose-job', operation, nth: 1 }]);
      await stage.run();
      await again(stage);
    },
  },
  'failed once': {
    play: async (stage) => {
      failJobs(stage, 1);
      await stage.run();
      await again(stage);
    },
  },
  'failed every time': {
    play: async (stage) => {
      failJobs(stage);
      await stage.run();
      await again(stage);
    },
  },
  'expired link': {
    only: ['hunyuan', 'comfyui'],
    play: async (stage) => {
      stage.service.setFaults([
        stage.service.name === 'hunyuan'
          ? { kind: 'expire-url', operation: 'download' }
          : {
              kind: 'http-status',
              status: 404,
              operation: 'view',
              headers: { 'content-type': 'application/octet-stream' },
            },
      ]);
      await stage.run();
      await again(stage);
    },
  },
  'abort before the wire': {
    play: async (stage) => {
      const abort = new AbortController();
      await stage.run({ signal: abort.signal, at: ['queued', () => abort.abort()] });
      await again(stage);
    },
  },
  'abort on the wire': {
    play: async (stage) => {
      const abort = new AbortController();
      holdQueue(stage);
      strike(stage, 'stall');
      void stage.whenStruck('stall', () => abort.abort());
      await stage.run({ signal: abort.signal });
      await again(stage);
    },
  },
  'abort after acceptance': {
    only: ['hunyuan', 'comfyui'],
    play: async (stage) => {
      const abort = new AbortController();
      stage.service.holdJobs();
      await stage.run({ signal: abort.signal, at: ['accepted', () => abort.abort()] });
      await again(stage);
    },
  },
  'deadline on the wire': {
    play: async (stage) => {
      holdQueue(stage);
      strike(stage, 'stall');
      void stage.whenStruck('stall', () => stage.clock.advance(deadlineMs));
      await stage.run();
      await again(stage);
    },
  },
  'deadline after acceptance': {
    only: ['hunyuan', 'comfyui'],
    play: async (stage) => {
      stage.service.holdJobs();
      // A free backend counts from the last sign of the job, so its timer runs once more.
      const pass = (): void => stage.clock.advance(deadlineMs);
      await stage.run({ at: ['accepted', () => [pass(), setImmediate(pass)]] });
      stage.service.endJobs();
      await stage.resume();
      await again(stage);
    },
  },
  reference: {
    play: async (stage) => {
      const bytes = paintPng({ width: 512, height: 512, prompt: 'a scene', seed: 1 });
      const role = stage.service.name === 'comfyui' ? 'init' : 'style';
      await stage.run({ tasks: [task('lamp', { size: '1024x1024', references: [{ role, bytes }] })] });
    },
  },
  'two images at once': {
    play: async (stage) => stage.run({ tasks: [task('lamp', { count: 2 })], options: { onUnsupported: 'warn' } }),
  },
  // OpenAI takes no seed, and only seeded requests are kept.
  'from the cache': {
    only: ['hunyuan', 'comfyui'],
    play: async (stage) => {
      const cache = new ResultCache({ directory: join(stage.folder, '.holodeck', 'cache') });
      await stage.run({ tasks: [task('lamp', { seed: 7 })], options: { cache } });
      await stage.run({ tasks: [task('other', { seed: 7, prompt: 'a brass lamp' })], options: { cache } });
    },
  },
  'beyond the budget': {
    play: async (stage) => {
      await stage.run({ tasks: three, options: { maxSubmissions: 2, maxConcurrent: 1 } });
      await stage.run({ tasks: three });
    },
  },
  'another request under the same name': {
    play: async (stage) => {
      await stage.run();
      await stage.run({ tasks: [task('lamp', { prompt: 'a copper lamp' })] });
    },
  },
  batch: {
    play: async (stage) => {
      await stage.run({ tasks: three });
      await stage.run({ tasks: three });
    },
  },
  'batch of which one is refused': {
    only: ['hunyuan', 'openai'],
    play: async (stage) => {
      const code = refusals.words[stage.service.name as 'hunyuan' | 'openai'];
      stage.service.setFaults([{ kind: 'refuse', code, operation: stage.service.submit, match: 'stool' }]);
      await stage.run({ tasks: three });
      stage.service.setFaults([]);
      await stage.run({ tasks: three });
    },
  },
};
