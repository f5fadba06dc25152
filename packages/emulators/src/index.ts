export { ManualClock } from './base/clock.ts';
export type { Clock } from './base/clock.ts';
export type { CommonFaultKind, FaultEffect, FaultInput, FaultRule, FaultScript } from './base/fault.ts';
export { Ledger } from './base/ledger.ts';
export type { LedgerEntry, LedgerSnapshot } from './base/ledger.ts';
export { kindOfPrompt, paintPng } from './base/paint-png.ts';
export type { PaintOptions } from './base/paint-png.ts';
export type { Duration } from './base/random.ts';
