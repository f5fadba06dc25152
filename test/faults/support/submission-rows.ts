import type { DirectRow, Play } from './fault-row.ts';

const group = 'The submission' as const;

/** The default of `ImageClientOptions.timeoutMs`. */
const deadlineMs = 300_000;

/** The first try succeeds, and nothing is sent when the command runs again. */
const wellAtOnce = { ends: 'image done 1/1', again: 'image done 0/0' };
/** The submission is sent again, because the first one certainly was not accepted. */
const wellAtTheSecond = { ends: 'image done 2/1', again: 'image done 0/0' };
const refused = (kind: string) => ({ ends: `${kind}:rejected rejected 1/0`, again: 'image done 1/1' });
/** We cannot know whether it was accepted: it is not sent again, now or later. */
const unknown = (kind: string, taken: 0 | 1) => ({
  ends: `${kind}:unknown unknown 1/${taken}`,
  again: `${kind}:unknown unknown 0/0`,
});
/** The service accepted it, and the image is not available. */
const lost = (kind: string, taken: 0 | 1) => ({ ends: `${kind}:lost lost 1/${taken}`, again: 'image done 1/1' });

/** The same play against Tencent's APIs with jobs and the one without. */
const hunyuan = (play: Play) => ({ Hunyuan: play, 'Hy-Image 3.5': play });

/** The same play against both kinds of OpenAI server. */
const both = (play: Play) => ({ OpenAI: play, 'OpenAI-compatible': play });

const hold = (kind: 'stall' | 'stall-body'): Pick<Play, 'struck'> => ({
  struck: { kind, act: ({ clock }) => clock.advance(deadlineMs) },
});

/** Faults between the decision to send and the answer. */
export const submissionRows: readonly DirectRow[] = [
  {
    group,
    fault: 'The service is overloaded and refuses, once',
    plays: {
      ...hunyuan({
        faults: [{ kind: 'refuse', code: 'RequestLimitExceeded.JobNumExceed', operation: 'submit', nth: 1 }],
        ...wellAtTheSecond,
      }),
      ...both({
        faults: [{ kind: 'refuse', code: 'rate_limit_exceeded', operation: 'generate', nth: 1 }],
        ...wellAtTheSecond,
      }),
      ComfyUI: { faults: [{ kind: 'http-status', status: 429, operation: 'submit', nth: 1 }], ...wellAtTheSecond },
    },
  },
  {
    group,
    fault: 'The service refuses because credit is used up',
    plays: {
      ...hunyuan({
        faults: [{ kind: 'refuse', code: 'ResourceUnavailable.InArrears', operation: 'submit' }],
        ...refused('quota'),
      }),
      ...both({
        faults: [{ kind: 'refuse', code: 'credit_balance_exhausted', operation: 'generate' }],
        ...refused('quota'),
      }),
      ComfyUI: { faults: [{ kind: 'http-status', status: 402, operation: 'submit' }], ...refused('quota') },
    },
  },
  {
    group,
    fault: 'The service refuses the prompt',
    plays: {
      ...hunyuan({
        faults: [{ kind: 'refuse', code: 'OperationDenied.TextIllegalDetected', operation: 'submit' }],
        ...refused('content-policy'),
      }),
      ...both({
        faults: [{ kind: 'refuse', code: 'moderation_blocked', operation: 'generate' }],
        ...refused('content-policy'),
      }),
      ComfyUI: 'it does not check prompts',
    },
  },
  {
    group,
    fault: 'The service refuses the key',
    plays: {
      ...hunyuan({
        faults: [{ kind: 'refuse', code: 'AuthFailure.SecretIdNotFound', operation: 'submit' }],
        ...refused('auth'),
      }),
      ...both({ faults: [{ kind: 'refuse', code: 'invalid_api_key', operation: 'generate' }], ...refused('auth') }),
      ComfyUI: { faults: [{ kind: 'http-status', status: 401, operation: 'submit' }], ...refused('auth') },
    },
  },
  {
    group,
    fault: 'Nothing listens at the address',
    plays: (() => {
      const play: Play = {
        before: async ({ service }) => service.stop(),
        repair: async ({ service }) => service.start(),
        ends: 'unavailable:not-submitted - 0/0',
        again: 'image done 1/1',
      };
      return { ...hunyuan(play), ...both(play), ComfyUI: play };
    })(),
  },
  {
    group,
    fault: 'The connection is reset before the service takes the job',
    plays: {
      ...hunyuan({
        faults: [{ kind: 'reset-before-accept', operation: 'submit', nth: 1 }],
        ...unknown('unavailable', 0),
      }),
      ...both({
        faults: [{ kind: 'reset-before-accept', operation: 'generate', nth: 1 }],
        ...unknown('unavailable', 0),
      }),
      ComfyUI: { faults: [{ kind: 'reset-before-accept', operation: 'submit', nth: 1 }], ...wellAtTheSecond },
    },
  },
  {
    group,
    fault: 'The connection is reset after the service took the job',
    plays: {
      ...hunyuan({
        faults: [{ kind: 'reset-after-accept', operation: 'submit', nth: 1 }],
        ...unknown('unavailable', 1),
      }),
      ...both({
        faults: [{ kind: 'reset-after-accept', operation: 'generate', nth: 1 }],
        ...unknown('unavailable', 1),
      }),
      ComfyUI: { faults: [{ kind: 'reset-after-accept', operation: 'submit', nth: 1 }], ...wellAtOnce },
    },
  },
  {
    group,
    fault: 'A gateway in front of the service answers 502',
    plays: {
      ...hunyuan({
        faults: [{ kind: 'http-status', status: 502, operation: 'submit', nth: 1 }],
        ...unknown('unavailable', 0),
      }),
      ...both({
        faults: [{ kind: 'http-status', status: 502, operation: 'generate', nth: 1 }],
        ...unknown('unavailable', 0),
      }),
      ComfyUI: { faults: [{ kind: 'http-status', status: 502, operation: 'submit', nth: 1 }], ...wellAtTheSecond },
    },
  },
  {
    group,
    fault: 'A gateway in front of the service answers 503',
    plays: {
      ...hunyuan({ faults: [{ kind: 'http-status', status: 503, operation: 'submit', nth: 1 }], ...wellAtTheSecond }),
      ...both({ faults: [{ kind: 'http-status', status: 503, operation: 'generate', nth: 1 }], ...wellAtTheSecond }),
      ComfyUI: { faults: [{ kind: 'http-status', status: 503, operation: 'submit', nth: 1 }], ...wellAtTheSecond },
    },
  },
  {
    group,
    fault: 'A web page comes instead of the answer',
    plays: {
      ...hunyuan({ faults: [{ kind: 'wrong-content', operation: 'submit', nth: 1 }], ...unknown('bad-response', 0) }),
      ...both({ faults: [{ kind: 'wrong-content', operation: 'generate', nth: 1 }], ...lost('bad-response', 0) }),
      ComfyUI: { faults: [{ kind: 'wrong-content', operation: 'submit', nth: 1 }], ...wellAtTheSecond },
    },
  },
  {
    group,
    fault: 'The answer is cut short',
    plays: {
      ...hunyuan({ faults: [{ kind: 'truncate', operation: 'submit', nth: 1 }], ...unknown('unavailable', 1) }),
      ...both({ faults: [{ kind: 'truncate', operation: 'generate', nth: 1 }], ...lost('bad-response', 1) }),
      ComfyUI: { faults: [{ kind: 'truncate', operation: 'submit', nth: 1 }], ...wellAtOnce },
    },
  },
  {
    group,
    fault: 'The answer drips in',
    plays: {
      ...hunyuan({ faults: [{ kind: 'drip', bytesPerSecond: 4000, operation: 'submit', nth: 1 }], ...wellAtOnce }),
      ...both({ faults: [{ kind: 'drip', bytesPerSecond: 400_000, operation: 'generate', nth: 1 }], ...wellAtOnce }),
      ComfyUI: { faults: [{ kind: 'drip', bytesPerSecond: 4000, operation: 'submit', nth: 1 }], ...wellAtOnce },
    },
  },
  {
    group,
    fault: 'No answer comes until the deadline',
    plays: {
      ...hunyuan({
        faults: [{ kind: 'stall', operation: 'submit', nth: 1 }],
        ...hold('stall'),
        ...unknown('timeout', 1),
      }),
      ...both({
        faults: [{ kind: 'stall', operation: 'generate', nth: 1 }],
        ...hold('stall'),
        ...unknown('timeout', 1),
      }),
      ComfyUI: {
        faults: [{ kind: 'stall', operation: 'submit', nth: 1 }],
        ...hold('stall'),
        ends: 'timeout:accepted accepted 1/1',
        again: 'image done 0/0',
      },
    },
  },
  {
    group,
    fault: 'The answer starts, then stalls until the deadline',
    plays: {
      ...hunyuan({
        faults: [{ kind: 'stall-body', operation: 'submit', nth: 1 }],
        ...hold('stall-body'),
        ...unknown('timeout', 1),
      }),
      ...both({
        faults: [{ kind: 'stall-body', operation: 'generate', nth: 1 }],
        ...hold('stall-body'),
        ...unknown('timeout', 1),
      }),
      ComfyUI: {
        faults: [{ kind: 'stall-body', operation: 'submit', nth: 1 }],
        ...hold('stall-body'),
        ends: 'timeout:accepted accepted 1/1',
        again: 'image done 0/0',
      },
    },
  },
];
