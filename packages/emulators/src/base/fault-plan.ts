/** Decides for each request whether a fault strikes it. The words are in `fault.ts`. */
import { isRecord } from './is-record.ts';
import type { CommonFaultKind, FaultEffect, FaultInput } from './fault.ts';
import type { Random } from './random.ts';
import { createRandom } from './random.ts';

export interface FaultPlanOptions<Kind extends string> {
  /** Kinds that this emulator knows. */
  kinds: readonly Kind[];
  /** Operations that this emulator has. */
  operations: readonly string[];
  /** Seed for `rate`. Default 1. */
  seed?: number;
}

interface ActiveRule<Kind extends string> {
  readonly input: FaultInput<Kind>;
  seen: number;
  struck: number;
}

const ruleFields = new Set(['operation', 'match', 'nth', 'rate', 'times', 'script']);
const effectFields: Readonly<Record<string, string>> = {
  kind: 'string',
  code: 'string',
  message: 'string',
  status: 'number',
  headers: 'object',
  body: 'string',
  accepted: 'boolean',
  delayMs: 'number',
  afterBytes: 'number',
  bytesPerSecond: 'number',
};

export class FaultPlan<Kind extends string = CommonFaultKind> {
  readonly #options: FaultPlanOptions<Kind>;
  #rules: ActiveRule<Kind>[] = [];
  #random: Random;

  constructor(options: FaultPlanOptions<Kind>) {
    this.#options = options;
    this.#random = createRandom(options.seed ?? 1);
  }

  /** The rules as they were set. */
  get rules(): readonly FaultInput<Kind>[] {
    return this.#rules.map((rule) => rule.input);
  }

  /**
   * Replaces all faults; counting starts again.
   * @throws {TypeError} naming the field, when a fault is not well formed or not known here.
   */
  set(faults: readonly FaultInput<Kind>[]): void {
    this.setUnknown(faults);
  }

  /** The same for a value of unknown shape, such as the body of a control request. */
  setUnknown(faults: unknown): void {
    if (!this.#areFaults(faults)) return;
    this.#rules = faults.map((input) => ({ input, seen: 0, struck: 0 }));
    this.#random = createRandom(this.#options.seed ?? 1);
  }

  /** The fault that strikes this request, if any; the first rule wins. `text` is what `match` looks into. */
  take(operation: string, text: string = ''): FaultEffect<Kind> | undefined {
    let found: FaultEffect<Kind> | undefined;
    for (const rule of this.#rules) {
      const { input } = rule;
      if (input.operation !== undefined && input.operation !== operation) continue;
      if (input.match !== undefined && !text.includes(input.match)) continue;
      rule.seen += 1;
      const effect = this.#effect(rule);
      if (effect === undefined || found !== undefined) continue;
      rule.struck += 1;
      found = effect;
    }
    return found;
  }

  #effect(rule: ActiveRule<Kind>): FaultEffect<Kind> | undefined {
    const { input } = rule;
    if ('script' in input) {
      const step = input.script[rule.seen - 1];
      return step === undefined || step === 'pass' ? undefined : step;
    }
    if (input.times !== undefined && rule.struck >= input.times) return undefined;
    if (input.nth !== undefined && ![input.nth].flat().includes(rule.seen)) return undefined;
    if (input.rate !== undefined && this.#random() >= input.rate) return undefined;
    return input;
  }

  #areFaults(faults: unknown): faults is readonly FaultInput<Kind>[] {
    if (!Array.isArray(faults)) throw new TypeError('faults must be an array');
    for (const [index, fault] of faults.entries()) this.#check(fault, `faults[${index}]`);
    return true;
  }

  #check(value: unknown, where: string): void {
    if (!isRecord(value)) throw new TypeError(`${where} must be an object`);
    const { operations } = this.#options;
    const { operation } = value;
    if (operation !== undefined && !(typeof operation === 'string' && operations.includes(operation)))
      throw new TypeError(`${where}.operation must be one of ${operations.join(', ')}`);
    if ('script' in value) {
      if (!Array.isArray(value['script'])) throw new TypeError(`${where}.script must be an array`);
      for (const [index, step] of value['script'].entries())
        if (step !== 'pass') this.#checkEffect(step, `${where}.script[${index}]`, new Set());
      return;
    }
    const { nth, rate, times } = value;
    if (![nth ?? []].flat().every((n) => Number.isInteger(n) && Number(n) >= 1))
      throw new TypeError(`${where}.nth counts from 1`);
    if (rate !== undefined && !(typeof rate === 'number' && rate >= 0 && rate <= 1))
      throw new TypeError(`${where}.rate is 0 to 1`);
    if (times !== undefined && !(typeof times === 'number' && times >= 1))
      throw new TypeError(`${where}.times must be at least 1`);
    this.#checkEffect(value, where, ruleFields);
  }

  #checkEffect(value: unknown, where: string, further: ReadonlySet<string>): void {
    if (!isRecord(value)) throw new TypeError(`${where} must be 'pass' or an object`);
    const kinds: readonly unknown[] = this.#options.kinds;
    if (!kinds.includes(value['kind'])) throw new TypeError(`${where}.kind must be one of ${kinds.join(', ')}`);
    for (const [field, content] of Object.entries(value)) {
      if (further.has(field) || content === undefined) continue;
      const type = effectFields[field];
      if (type === undefined) throw new TypeError(`${where} has no field ${field}`);
      if (typeof content !== type) throw new TypeError(`${where}.${field} must be a ${type}`);
    }
  }
}
