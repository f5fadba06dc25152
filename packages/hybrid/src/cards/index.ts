export { cardGateVersion } from './card-gate-options.ts';
export type { CardGateOptions } from './card-gate-options.ts';
export type { CardCheckName, CardGateReport } from './card-gate-report.ts';
export { gateVerdictOf } from './gate-verdict.ts';
export { normaliserVersion } from './normalise-card.ts';
export type { NormaliseOptions } from './normalise-card.ts';
export { prepareCard } from './prepare-card.ts';
export type { PreparedCard, PrepareCardOptions } from './prepare-card.ts';
