export { costOfTask, estimateSubmission, findPrice, sumAmounts } from './cost.ts';
export type { Cost, Money, PricedRequest } from './cost.ts';
export { CostGate } from './cost-gate.ts';
export type { PaidBackend, Spending } from './cost-gate.ts';
export { assertCostLimits } from './cost-limits.ts';
export type { CostLimits, MaxCost } from './cost-limits.ts';
export { defaultPrices } from './default-prices.ts';
export type { Price, PriceList } from './price.ts';
