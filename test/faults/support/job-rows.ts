import type { DirectRow, Play } from './fault-row.ts';

const group = 'The job' as const;
const deadlineMs = 300_000;
const hourMs = 3_600_000;

const well = { ends: 'image done 1/1', again: 'image done 0/0' };
const inAnswer = 'the answer to the submission is the image: there is no job to poll';
const askedNever = { 'Hy-Image 3.5': inAnswer, OpenAI: inAnswer, 'OpenAI-compatible': inAnswer };

const allButComfyUI = (play: Play) => ({
  Hunyuan: play,
  'Hy-Image 3.5': play,
  OpenAI: play,
  'OpenAI-compatible': play,
});

/** ComfyUI is polled at three routes. */
const looks = (fault: {
  readonly kind: 'http-status' | 'reset-before-accept' | 'truncate' | 'wrong-content';
}): Play => ({
  faults: ['history', 'queue', 'jobs'].map((operation) => ({ ...fault, operation, times: 2 })),
  ...well,
});

const jump = (ms: number): Play => ({ at: { state: 'accepted', act: ({ clock }) => clock.jump(ms) }, ...well });

/** Faults while an accepted job is running. */
export const jobRows: readonly DirectRow[] = [
  {
    group,
    fault: 'Polls are answered with 502',
    plays: {
      Hunyuan: { faults: [{ kind: 'http-status', status: 502, operation: 'query', times: 3 }], ...well },
      ...askedNever,
      ComfyUI: looks({ kind: 'http-status' }),
    },
  },
  {
    group,
    fault: 'The connections of polls are reset',
    plays: {
      Hunyuan: { faults: [{ kind: 'reset-before-accept', operation: 'query', times: 3 }], ...well },
      ...askedNever,
      ComfyUI: looks({ kind: 'reset-before-accept' }),
    },
  },
  {
    group,
    fault: 'Answers to polls are cut short',
    plays: {
      Hunyuan: { faults: [{ kind: 'truncate', operation: 'query', times: 2 }], ...well },
      ...askedNever,
      ComfyUI: looks({ kind: 'truncate' }),
    },
  },
  {
    group,
    fault: 'Polls get a web page instead of an answer',
    plays: {
      Hunyuan: { faults: [{ kind: 'wrong-content', operation: 'query', times: 2 }], ...well },
      ...askedNever,
      ComfyUI: looks({ kind: 'wrong-content' }),
    },
  },
  {
    group,
    fault: 'Polls get no answer until the deadline',
    plays: {
      Hunyuan: {
        faults: [{ kind: 'stall', operation: 'query' }],
        struck: { kind: 'stall', act: ({ clock }) => clock.advance(deadlineMs) },
        ends: 'timeout:accepted accepted 1/1',
        again: 'image done 0/0',
      },
      ...askedNever,
      ComfyUI: {
        faults: ['history', 'queue', 'jobs'].map((operation) => ({ kind: 'stall', operation }) as const),
        struck: { kind: 'stall', act: ({ clock }) => clock.advance(deadlineMs) },
        ends: 'timeout:accepted accepted 1/1',
        again: 'image done 0/0',
      },
    },
  },
  {
    group,
    fault: 'The job fails once, for a temporary reason',
    plays: {
      Hunyuan: {
        faults: [{ kind: 'fail-job', code: 'FailedOperation.InnerError', operation: 'submit', nth: 1 }],
        ends: 'image done 2/2',
        again: 'image done 0/0',
      },
      'Hy-Image 3.5': inAnswer,
      OpenAI: {
        faults: [{ kind: 'fail-job', operation: 'generate', nth: 1 }],
        ends: 'image done 2/2',
        again: 'image done 0/0',
      },
      'OpenAI-compatible': {
        faults: [{ kind: 'fail-job', operation: 'generate', nth: 1 }],
        ends: 'image done 2/2',
        again: 'image done 0/0',
      },
      ComfyUI: {
        faults: [{ kind: 'fail-job', code: 'OutOfMemoryError', message: 'out of memory', operation: 'run', nth: 1 }],
        ends: 'image done 2/2',
        again: 'image done 0/0',
      },
    },
  },
  {
    group,
    fault: 'Moderation withholds the finished image',
    plays: {
      ...allButComfyUI({
        prompt: '__illegal_output__',
        ends: 'content-policy:failed failed 1/1',
        again: 'content-policy:failed failed 1/1',
      }),
      ComfyUI: 'it does not check images',
    },
  },
  {
    group,
    fault: 'The service has forgotten the job',
    plays: {
      Hunyuan: {
        faults: [{ kind: 'lose-job', operation: 'query', nth: 1 }],
        ends: 'job-failed:lost lost 1/1',
        again: 'image done 1/1',
      },
      ...askedNever,
      ComfyUI: {
        faults: [{ kind: 'lose-job', operation: 'run', nth: 1 }],
        ends: 'job-failed:failed failed 1/1',
        again: 'image done 1/1',
      },
    },
  },
  {
    group,
    fault: 'The service restarts',
    plays: {
      Hunyuan: {
        faults: [{ kind: 'restart', operation: 'query', nth: 1 }],
        ends: 'job-failed:lost lost 1/1',
        again: 'image done 1/1',
      },
      'Hy-Image 3.5': {
        faults: [{ kind: 'restart', operation: 'submit', nth: 1 }],
        ends: 'unavailable:unknown unknown 1/0',
        again: 'unavailable:unknown unknown 0/0',
      },
      OpenAI: {
        faults: [{ kind: 'restart', operation: 'generate', nth: 1 }],
        ends: 'unavailable:unknown unknown 1/0',
        again: 'unavailable:unknown unknown 0/0',
      },
      'OpenAI-compatible': {
        faults: [{ kind: 'restart', operation: 'generate', nth: 1 }],
        ends: 'unavailable:unknown unknown 1/0',
        again: 'unavailable:unknown unknown 0/0',
      },
      ComfyUI: {
        // It is free, so it is sent again by itself.
        faults: [{ kind: 'restart', operation: 'run', nth: 1 }],
        ends: 'image done 2/2',
        again: 'image done 0/0',
      },
    },
  },
  {
    group,
    fault: 'The machine’s clock is set an hour ahead',
    plays: {
      ...allButComfyUI(jump(hourMs)),
      ComfyUI: jump(hourMs),
    },
  },
  {
    group,
    fault: 'The machine’s clock is set an hour back',
    plays: {
      ...allButComfyUI(jump(-hourMs)),
      ComfyUI: jump(-hourMs),
    },
  },
];
