import type { TaskEvent } from '@holodeck/core';
import { describe, expect, it } from 'vitest';
import { JobKnowledge } from './job-knowledge.ts';

type StateEvent = Extract<TaskEvent, { type: 'state' }>;

const state = (name: StateEvent['state']): StateEvent => ({ type: 'state', taskId: 't', state: name, attempt: 1 });
const waiting: TaskEvent = { type: 'waiting', taskId: 't', reason: 'limit', waitMs: 1 };
const untouched = { attemptsStarted: 0, progress: 0 };

function after(...steps: ((knowledge: JobKnowledge) => void)[]): string {
  const knowledge = new JobKnowledge();
  for (const step of steps) step(knowledge);
  return knowledge.standing;
}

const found =
  (job: Partial<Parameters<JobKnowledge['found']>[0]> = {}) =>
  (knowledge: JobKnowledge): void =>
    knowledge.found({ ...untouched, ...job });
const reported =
  (event: TaskEvent) =>
  (knowledge: JobKnowledge): void =>
    knowledge.reported(event);
const taken = (knowledge: JobKnowledge): void => knowledge.taken();

describe('what is known of a job', () => {
  it.each([
    ['nothing', after(), 'open'],
    ['found as it was put in', after(found()), 'untaken'],
    ['taken afterwards', after(found(), taken), 'open'],
    ['taken before the answer came', after(taken, found()), 'open'],
    ['reported before the answer came', after(reported(state('submitting')), found()), 'open'],
    ['found after it had been taken', after(found({ attemptsStarted: 1, processedOn: 5 })), 'open'],
    ['found after its time of processing was wiped', after(found({ attemptsStarted: 1 })), 'open'],
    ['found with a report without a state', after(found({ progress: waiting })), 'open'],
    // A killed worker may have reported less than it did.
    ['queued, says a worker', after(found(), reported(state('queued'))), 'open'],
    ['refused, says a worker', after(found(), reported(state('rejected'))), 'open'],
    ['found as accepted', after(found({ progress: state('accepted'), attemptsStarted: 1 })), 'accepted'],
    ['ended, says a worker', after(reported(state('ended'))), 'accepted'],
    ['accepted, and something else since', after(reported(state('accepted')), reported(waiting)), 'accepted'],
    ['another attempt since', after(reported(state('accepted')), reported(state('submitting'))), 'open'],
    ['an older report found', after(reported(state('accepted')), found({ progress: state('submitting') })), 'accepted'],
  ])('%s', (_name, standing, expected) => {
    expect(standing).toBe(expected);
  });
});
