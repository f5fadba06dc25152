import { invalidRequest } from '../contract/index.ts';
import { showValue } from '../internal/show-value.ts';
import { say } from './client-messages.ts';
import { CostGate } from '../cost/cost-gate.ts';
import type { ImageClientOptions } from './image-client-options.ts';

/** `ImageClientOptions` with all defaults. */
export interface ResolvedOptions extends ImageClientOptions {
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly maxPaidAttempts: number;
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  readonly resubmitUnknown: boolean;
  readonly onUnsupported: 'error' | 'warn';
  readonly costGate: CostGate;
}

type NumberOption =
  | 'timeoutMs'
  | 'queueTimeoutMs'
  | 'pruneAfterDays'
  | 'maxAttempts'
  | 'maxPaidAttempts'
  | 'retryBaseMs'
  | 'retryMaxMs';

const known = new Set<string>([
  'outputDir',
  'confineToOutputDir',
  'store',
  'stateDir',
  'permits',
  'maxConcurrent',
  'timeoutMs',
  'queueTimeoutMs',
  'maxAttempts',
  'maxPaidAttempts',
  'retryBaseMs',
  'retryMaxMs',
  'resubmitUnknown',
  'noRepay',
  'onUnsupported',
  'logger',
  'onWarning',
  'beforeSubmit',
  'turnOf',
  'maxSubmissions',
  'maxCost',
  'prices',
  'costGate',
  'cache',
  'pruneAfterDays',
  'telemetry',
  'internal',
]);

/** @throws {ImageError} kind `invalid-request` for an unknown option or a value out of range. */
export function resolveOptions(options: ImageClientOptions): ResolvedOptions {
  for (const name of Object.keys(options)) {
    if (!known.has(name))
      throw invalidRequest(say('option-unknown', { name: JSON.stringify(name), known: [...known].join(', ') }));
  }
  const number = (name: NumberOption, fallback: number, min: number, whole = false): number => {
    const value = options[name] ?? fallback;
    if (typeof value !== 'number' || Number.isNaN(value) || value < min || (whole && !Number.isSafeInteger(value))) {
      throw invalidRequest(say(whole ? 'option-whole' : 'option-number', { name, value: String(value), min }));
    }
    return value;
  };
  const { maxConcurrent, onUnsupported } = options;
  if (
    maxConcurrent !== undefined &&
    maxConcurrent !== 'auto' &&
    !(Number.isSafeInteger(maxConcurrent) && maxConcurrent >= 1)
  ) {
    throw invalidRequest(say('option-concurrency', { value: showValue(maxConcurrent) }));
  }
  if (onUnsupported !== undefined && onUnsupported !== 'error' && onUnsupported !== 'warn') {
    throw invalidRequest(say('option-unsupported', { value: showValue(onUnsupported) }));
  }
  if (options.confineToOutputDir === true && options.outputDir === undefined) {
    throw invalidRequest(say('option-confine'));
  }
  if (options.queueTimeoutMs !== undefined) number('queueTimeoutMs', 0, 0);
  if (options.pruneAfterDays !== undefined) number('pruneAfterDays', 0, 0);
  return {
    ...options,
    timeoutMs: number('timeoutMs', 300_000, 1),
    maxAttempts: number('maxAttempts', 3, 1, true),
    maxPaidAttempts: number('maxPaidAttempts', 2, 1, true),
    retryBaseMs: number('retryBaseMs', 2000, 0),
    retryMaxMs: number('retryMaxMs', 10_000, 0),
    resubmitUnknown: options.resubmitUnknown ?? false,
    onUnsupported: onUnsupported ?? 'error',
    costGate: costGateOf(options),
  };
}

/** The given gate, or a new one for this client. */
function costGateOf(options: ImageClientOptions): CostGate {
  const { costGate, maxSubmissions, maxCost, prices } = options;
  const own = {
    ...(maxSubmissions === undefined ? {} : { maxSubmissions }),
    ...(maxCost === undefined ? {} : { maxCost }),
    ...(prices === undefined ? {} : { prices }),
  };
  if (costGate === undefined) return new CostGate(own);
  const [name] = Object.keys(own);
  if (name !== undefined) throw invalidRequest(say('option-gate', { name }));
  return costGate;
}
