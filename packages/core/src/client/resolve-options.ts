import { ImageError } from '../contract/index.ts';
import { CostGate } from '../cost/index.ts';
import type { ImageClientOptions } from './image-client-options.ts';

/** `ImageClientOptions` with every default filled in. */
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

type NumberOption = 'timeoutMs' | 'queueTimeoutMs' | 'maxAttempts' | 'maxPaidAttempts' | 'retryBaseMs' | 'retryMaxMs';

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
  'onUnsupported',
  'logger',
  'onWarning',
  'beforeSubmit',
  'maxSubmissions',
  'maxCost',
  'prices',
  'costGate',
  'cache',
  'telemetry',
  'internal',
]);

/** @throws {ImageError} kind `invalid-request` for an unknown option or a value out of range. */
export function resolveOptions(options: ImageClientOptions): ResolvedOptions {
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw invalid(`Unknown option ${JSON.stringify(name)}. Known: ${[...known].join(', ')}.`);
  }
  const number = (name: NumberOption, fallback: number, min: number, whole = false): number => {
    const value = options[name] ?? fallback;
    if (typeof value !== 'number' || Number.isNaN(value) || value < min || (whole && !Number.isSafeInteger(value))) {
      throw invalid(`The option ${name} is ${String(value)}; it must be a${whole ? ' whole' : ''} number from ${min}.`);
    }
    return value;
  };
  const { maxConcurrent, onUnsupported } = options;
  if (
    maxConcurrent !== undefined &&
    maxConcurrent !== 'auto' &&
    !(Number.isSafeInteger(maxConcurrent) && maxConcurrent >= 1)
  ) {
    throw invalid(
      `The option maxConcurrent is ${JSON.stringify(maxConcurrent)}; it must be a whole number from 1, or "auto".`,
    );
  }
  if (onUnsupported !== undefined && onUnsupported !== 'error' && onUnsupported !== 'warn') {
    throw invalid(`The option onUnsupported is ${JSON.stringify(onUnsupported)}; it must be "error" or "warn".`);
  }
  if (options.confineToOutputDir === true && options.outputDir === undefined) {
    throw invalid('The option confineToOutputDir needs an outputDir to confine files to.');
  }
  if (options.queueTimeoutMs !== undefined) number('queueTimeoutMs', 0, 0);
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

/** The gate that was given, or one of the client's own. */
function costGateOf(options: ImageClientOptions): CostGate {
  const { costGate, maxSubmissions, maxCost, prices } = options;
  const own = {
    ...(maxSubmissions === undefined ? {} : { maxSubmissions }),
    ...(maxCost === undefined ? {} : { maxCost }),
    ...(prices === undefined ? {} : { prices }),
  };
  if (costGate === undefined) return new CostGate(own);
  const [name] = Object.keys(own);
  if (name !== undefined) throw invalid(`The option ${name} has no effect beside costGate: give it to the gate.`);
  return costGate;
}

function invalid(message: string): ImageError {
  return new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', message });
}
