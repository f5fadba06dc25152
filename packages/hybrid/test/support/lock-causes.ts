import { systemClock } from '@holodeck/core/backend';
import type { Clock } from '@holodeck/core/backend';
import type { ComfyUIEmulator, HunyuanEmulator, OpenAIEmulator } from '@holodeck/emulators';
import {
  comfyui,
  comfyuiEnvironment,
  hunyuan,
  hunyuanEnvironment,
  openai,
  openaiEnvironment,
  tiny,
} from './services.ts';

/** What can go wrong with the backend of a locked session. */
export type CauseName =
  | 'service stopped'
  | 'key refused'
  | 'no money left'
  | 'content policy'
  | 'invalid request'
  | 'answer lost'
  | 'deadline passed'
  | 'job failed'
  | 'limits reached';

/** Causes for which the policy `restart` moves a session: the backend cannot be used and nothing was paid. */
export const movingCauses: ReadonlySet<CauseName> = new Set(['service stopped', 'key refused', 'no money left']);

/** Causes that the policy `wait` waits for. */
export const passingCauses: ReadonlySet<CauseName> = new Set(['service stopped', 'limits reached']);

/** Causes for which a task ends at its deadline. */
export const deadlineCauses: ReadonlySet<CauseName> = new Set(['deadline passed', 'limits reached']);

/** How long the driver waits for the answer to a sent submission after the deadline. */
const graceMs = 5000;

/**
 * A clock on which `deadlineMs` pass as soon as the service has received one more submission, however busy the machine is.
 * `answers`: the service answers, so the extra time for the answer never ends; otherwise it ends at once.
 */
export function deadlineAfterSubmission(service: LockedService, deadlineMs: number, answers: boolean): Clock {
  const untilReceived = async (signal?: AbortSignal): Promise<void> => {
    const before = service.submissions();
    while (service.submissions() === before) await systemClock.sleep(10, signal);
  };
  return {
    ...systemClock,
    sleep: (ms, signal) => {
      if (ms === deadlineMs) return untilReceived(signal);
      // A free job's deadline counts from its last sign, so it sleeps once more, a little less.
      if (ms < deadlineMs && ms > deadlineMs - 60_000) return Promise.resolve();
      return systemClock.sleep(ms === graceMs ? (answers ? Number.POSITIVE_INFINITY : 0) : ms, signal);
    },
  };
}

/** The service of a locked session, and its possible faults. */
export interface LockedService {
  readonly environment: Readonly<Record<string, string>>;
  /** Submissions that it accepted so far. */
  accepted(): number;
  /** Submissions that arrived so far, refused ones too. */
  submissions(): number;
  stop(): Promise<void>;
  /** After `stop`: a new one at the same address, with the same keys. */
  startAgain(): Promise<LockedService>;
  /** The causes that exist at the service (ComfyUI has no money and no moderation). */
  readonly causes: { readonly [Name in CauseName]?: () => void | Promise<void> };
}

export const lockedServices = {
  hunyuan: async (): Promise<LockedService> => hunyuanService(await hunyuan(tiny)),
  openai: async (): Promise<LockedService> => openaiService(await openai(tiny)),
  comfyui: async (): Promise<LockedService> => comfyuiService(await comfyui()),
};
export type ServiceName = keyof typeof lockedServices;

function hunyuanService(emulator: HunyuanEmulator): LockedService {
  const refuse = (code: string): void => emulator.setFaults([{ kind: 'refuse', code, operation: 'submit' }]);
  return {
    ...countsOf(emulator),
    environment: hunyuanEnvironment(emulator),
    startAgain: async () => hunyuanService(await hunyuan({ ...tiny, port: portOf(emulator.url) })),
    causes: {
      'service stopped': () => emulator.close(),
      'key refused': () => refuse('AuthFailure.SecretIdNotFound'),
      'no money left': () => refuse('ResourceUnavailable.InArrears'),
      'content policy': () => refuse('OperationDenied.TextIllegalDetected'),
      'invalid request': () => refuse('InvalidParameterValue.ParameterValueError'),
      'answer lost': () => emulator.setFaults([{ kind: 'reset-after-accept', operation: 'submit' }]),
      'deadline passed': () => emulator.setFaults([{ kind: 'stall', operation: 'query' }]),
      'job failed': () =>
        emulator.setFaults([{ kind: 'fail-job', code: 'FailedOperation.InnerError', operation: 'submit' }]),
      'limits reached': () => refuse('RequestLimitExceeded.JobNumExceed'),
    },
  };
}

function openaiService(emulator: OpenAIEmulator): LockedService {
  const both = (fault: Parameters<OpenAIEmulator['setFaults']>[0][number]): void =>
    emulator.setFaults(['generate', 'edit'].map((operation) => ({ ...fault, operation })));
  const refuse = (code: string): void => both({ kind: 'refuse', code });
  return {
    ...countsOf(emulator),
    environment: openaiEnvironment(emulator),
    startAgain: async () => openaiService(await openai({ ...tiny, port: portOf(emulator.url) })),
    causes: {
      'service stopped': () => emulator.close(),
      'key refused': () => refuse('invalid_api_key'),
      'no money left': () => refuse('credit_balance_exhausted'),
      'content policy': () => refuse('moderation_blocked'),
      'invalid request': () => refuse('invalid_value'),
      'answer lost': () => both({ kind: 'reset-after-accept' }),
      'deadline passed': () => both({ kind: 'stall' }),
      'job failed': () => refuse('server_error'),
      'limits reached': () => refuse('rate_limit_exceeded'),
    },
  };
}

function comfyuiService(emulator: ComfyUIEmulator): LockedService {
  const status = (code: number): void =>
    emulator.setFaults([{ kind: 'http-status', status: code, operation: 'submit' }]);
  return {
    ...countsOf(emulator),
    environment: comfyuiEnvironment(emulator),
    startAgain: async () => comfyuiService(await comfyui({ port: portOf(emulator.url) })),
    causes: {
      'service stopped': () => emulator.close(),
      'key refused': () => status(401),
      'invalid request': () =>
        emulator.setFaults([{ kind: 'refuse', code: 'prompt_outputs_failed_validation', operation: 'submit' }]),
      'answer lost': () => emulator.setFaults([{ kind: 'reset-after-accept', operation: 'submit' }]),
      'deadline passed': () => emulator.set({ paused: true }),
      'job failed': () => emulator.setFaults([{ kind: 'fail-job', operation: 'run' }]),
      'limits reached': () => status(429),
    },
  };
}

function countsOf(
  emulator: HunyuanEmulator | OpenAIEmulator | ComfyUIEmulator,
): Pick<LockedService, 'accepted' | 'submissions' | 'stop'> {
  return {
    accepted: () => emulator.ledger.snapshot().accepted,
    submissions: () => emulator.ledger.snapshot().submissions,
    stop: () => emulator.close(),
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
