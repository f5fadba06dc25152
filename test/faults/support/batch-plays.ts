import type { Play } from './fault-row.ts';

/** Longer than a batch may take. */
const deadlineMs = 26 * 3_600_000;

const well = { ends: 'image done 1/1', again: 'image done 0/0' };
const inLine = 'the image is in the line of its task, in the output file of the batch';
const refused = (code: string, kind: string): Play => ({
  faults: [{ kind: 'refuse', code, operation: 'create-batch' }],
  ends: `${kind}:rejected rejected 1/0`,
  again: 'image done 1/1',
});

/** Faults of batches, by the words of their rows; the other rows play alike on every service. */
export const batchPlays: Readonly<Record<string, Play | string>> = {
  'The service is overloaded and refuses, once': {
    faults: [{ kind: 'refuse', code: 'rate_limit_exceeded', operation: 'create-batch', nth: 1 }],
    ends: 'image done 2/1',
    again: 'image done 0/0',
  },
  'The service refuses because credit is used up': refused('credit_balance_exhausted', 'quota'),
  'The service refuses the prompt': {
    prompt: '__illegal__',
    // Its line is refused, unpaid, when the batch runs.
    ends: 'content-policy:failed failed 1/0',
    again: 'content-policy:failed failed 1/0',
  },
  'The service refuses the key': refused('invalid_api_key', 'auth'),
  'Nothing listens at the address': {
    before: async ({ service }) => service.stop(),
    repair: async ({ service }) => service.start(),
    // The group is on disk before its file is uploaded.
    ends: 'unavailable:not-submitted rejected 0/0',
    again: 'image done 1/1',
  },
  'The connection is reset before the service takes the job': {
    faults: [{ kind: 'reset-before-accept', operation: 'create-batch', nth: 1 }],
    ends: 'image done 2/1',
    again: 'image done 0/0',
  },
  'The connection is reset after the service took the job': {
    faults: [{ kind: 'reset-after-accept', operation: 'create-batch', nth: 1 }],
    ...well,
  },
  'A gateway in front of the service answers 502': {
    faults: [{ kind: 'http-status', status: 502, operation: 'create-batch', nth: 1 }],
    ends: 'image done 2/1',
    again: 'image done 0/0',
  },
  'A gateway in front of the service answers 503': {
    faults: [{ kind: 'http-status', status: 503, operation: 'create-batch', nth: 1 }],
    ends: 'image done 2/1',
    again: 'image done 0/0',
  },
  'A web page comes instead of the answer': {
    faults: [{ kind: 'wrong-content', operation: 'create-batch', nth: 1 }],
    ends: 'image done 2/1',
    again: 'image done 0/0',
  },
  'The answer is cut short': { faults: [{ kind: 'truncate', operation: 'create-batch', nth: 1 }], ...well },
  'The answer drips in': {
    faults: [{ kind: 'drip', bytesPerSecond: 4000, operation: 'create-batch', nth: 1 }],
    ...well,
  },
  'No answer comes until the deadline': {
    faults: [{ kind: 'stall', operation: 'create-batch', nth: 1 }],
    struck: { kind: 'stall', act: ({ clock }) => clock.advance(deadlineMs) },
    ends: 'timeout:accepted accepted 1/1',
    again: 'image done 0/0',
  },
  'The answer starts, then stalls until the deadline': {
    faults: [{ kind: 'stall-body', operation: 'create-batch', nth: 1 }],
    struck: { kind: 'stall-body', act: ({ clock }) => clock.advance(deadlineMs) },
    ends: 'timeout:accepted accepted 1/1',
    again: 'image done 0/0',
  },
  'Polls are answered with 502': {
    faults: [{ kind: 'http-status', status: 502, operation: 'batch', times: 3 }],
    ...well,
  },
  'The connections of polls are reset': {
    faults: [{ kind: 'reset-before-accept', operation: 'batch', times: 3 }],
    ...well,
  },
  'Answers to polls are cut short': { faults: [{ kind: 'truncate', operation: 'batch', times: 2 }], ...well },
  'Polls get a web page instead of an answer': {
    faults: [{ kind: 'wrong-content', operation: 'batch', times: 2 }],
    ...well,
  },
  'Polls get no answer until the deadline': {
    faults: [{ kind: 'stall', operation: 'batch' }],
    struck: { kind: 'stall', act: ({ clock }) => clock.advance(deadlineMs) },
    ends: 'timeout:accepted accepted 1/1',
    again: 'image done 0/0',
  },
  'The job fails once, for a temporary reason': {
    faults: [{ kind: 'fail-job', operation: 'line', nth: 1 }],
    ends: 'image done 2/2',
    again: 'image done 0/0',
  },
  'The service has forgotten the job': {
    faults: [{ kind: 'refuse', code: 'model_not_found', operation: 'batch' }],
    ends: 'job-failed:lost lost 1/1',
    again: 'image done 1/1',
  },
  'The service restarts': {
    faults: [{ kind: 'restart', operation: 'create-batch', nth: 1 }],
    ends: 'image done 1/1',
    again: 'image done 0/0',
  },
  'The connection is reset, once': {
    faults: [{ kind: 'reset-before-accept', operation: 'content', nth: 1 }],
    ...well,
  },
  'The image is cut short, once': { faults: [{ kind: 'truncate', operation: 'content', nth: 1 }], ...well },
  'A web page comes instead of the image, once': {
    faults: [{ kind: 'wrong-content', operation: 'content', nth: 1 }],
    ...well,
  },
  'A web page comes instead of the image, every time': {
    faults: [{ kind: 'wrong-content', operation: 'content' }],
    struck: { kind: 'wrong-content', act: ({ clock }) => clock.advance(deadlineMs) },
    ends: 'timeout:accepted ended 1/1',
    again: 'image done 0/0',
  },
  'The image host answers 500, twice': {
    faults: [{ kind: 'http-status', status: 500, operation: 'content', nth: [1, 2] }],
    ...well,
  },
  'The image drips in': {
    faults: [{ kind: 'drip', bytesPerSecond: 200_000, operation: 'content', nth: 1 }],
    ...well,
  },
  'The image stalls half-way until the deadline': {
    faults: [{ kind: 'stall-body', operation: 'content' }],
    struck: { kind: 'stall-body', act: ({ clock }) => clock.advance(deadlineMs) },
    ends: 'timeout:accepted ended 1/1',
    again: 'image done 0/0',
  },
  'The image’s URL has expired': inLine,
};
