import type { GateVerdict } from '../assets/asset-record.ts';
import type { PreparedCard } from './prepare-card.ts';

/** The verdict as a manifest holds it: the reasons in words, and all measures with the versions of the rules. */
export function gateVerdictOf({ gate, original, normalised, changed }: PreparedCard): GateVerdict {
  return {
    status: gate.verdict,
    reasons: gate.checks.filter(({ passed }) => !passed).map(({ message }) => message),
    measures: {
      gateVersion: gate.gateVersion,
      checks: gate.checks.map(({ name, passed, value, threshold }) => ({ name, passed, value, threshold })),
      ...(gate.warnings.length > 0 ? { warnings: gate.warnings } : {}),
      ...(gate.object === undefined ? {} : { object: gate.object }),
      ...(gate.ground === undefined ? {} : { ground: gate.ground }),
      ...(normalised === undefined ? {} : { normalised: { changed, ...normalised } }),
      ...(changed
        ? { original: original.checks.filter(({ passed }) => !passed).map(({ name, value }) => ({ name, value })) }
        : {}),
    },
  };
}
