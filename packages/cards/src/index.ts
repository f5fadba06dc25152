export { cardGateVersion, defaultCardGateOptions } from './card-gate-options.ts';
export type { CardGateOptions } from './card-gate-options.ts';
export type { CardCheck, CardCheckName, CardGateReport } from './card-gate-report.ts';
export type { Box } from './components.ts';
export { assertNormaliseOptions, normaliserVersion } from './normalise-card.ts';
export type { NormalisedCard, NormaliseOptions, NormaliseStep } from './normalise-card.ts';
export { prepareCard } from './prepare-card.ts';
export type { PreparedCard, PrepareCardOptions } from './prepare-card.ts';
