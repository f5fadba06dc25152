import { isRecord } from '@holodeck/core/backend';
import type { NodeInfo } from '../workflow/node-info.ts';

/** One input of a class, as `/object_info` describes it. */
export interface InputSpecification {
  readonly name: string;
  /** `INT`, `IMAGE`, ...; `COMBO` for a list of choices in either spelling. */
  readonly type: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly required: boolean;
}

/** The inputs of a class in the order in which the page makes their widgets: required ones first. */
export function inputsOf(info: NodeInfo): InputSpecification[] {
  return specifications(info['input'], info['input_order']);
}

/** The inputs that an option of a dynamic choice brings along. */
export function inputsOfOption({ details }: InputSpecification, key: unknown): InputSpecification[] {
  const options = Array.isArray(details['options']) ? (details['options'] as readonly unknown[]) : [];
  const option = options.filter(isRecord).find((one) => one['key'] === key);
  return specifications(option?.['inputs'], undefined);
}

function specifications(groups: unknown, order: unknown): InputSpecification[] {
  return ['required', 'optional'].flatMap((group) => {
    const inputs = isRecord(groups) && isRecord(groups[group]) ? groups[group] : {};
    const listed = isRecord(order) && Array.isArray(order[group]) ? order[group].map(String) : [];
    const names = [...new Set([...listed.filter((name) => Object.hasOwn(inputs, name)), ...Object.keys(inputs)])];
    return names.map((name): InputSpecification => {
      const specification: readonly unknown[] = Array.isArray(inputs[name]) ? inputs[name] : [];
      const [first, more] = specification;
      const details = isRecord(more) ? more : {};
      return Array.isArray(first)
        ? { name, type: 'COMBO', details: { ...details, options: first }, required: group === 'required' }
        : { name, type: String(first), details, required: group === 'required' };
    });
  });
}

/** Whether the choice decides which further inputs there are. */
export function isDynamicCombo({ type }: InputSpecification): boolean {
  return type === 'COMFY_DYNAMICCOMBO_V3';
}

/** Whether the input is a row of links, `name.image_1`, `name.image_2`, ... */
export function isAutogrow({ type }: InputSpecification): boolean {
  return type === 'COMFY_AUTOGROW_V3';
}

const plainTypes: ReadonlySet<string> = new Set([
  'INT',
  'FLOAT',
  'STRING',
  'BOOLEAN',
  'COMBO',
  'COMFY_DYNAMICCOMBO_V3',
]);

/** Whether the page makes a widget for it without the code of an extension. */
export function isPlainWidget({ type, details }: InputSpecification): boolean {
  return plainTypes.has(type) && details['forceInput'] !== true;
}

/** Whether a value of a file may be one of this input. The choices themselves are the server's to judge. */
export function fits({ type }: InputSpecification, value: unknown): boolean {
  switch (type) {
    case 'INT':
    case 'FLOAT':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'BOOLEAN':
      return typeof value === 'boolean';
    case 'STRING':
      return typeof value === 'string';
    default:
      return true;
  }
}

/** What the page puts into a widget that the file has no value for. */
export function defaultOf({ type, details }: InputSpecification): unknown {
  if (details['default'] !== undefined) {
    return details['default'];
  }
  const options = Array.isArray(details['options']) ? (details['options'] as readonly unknown[]) : [];
  switch (type) {
    case 'COMBO':
      return options[0];
    case 'COMFY_DYNAMICCOMBO_V3':
      return isRecord(options[0]) ? options[0]['key'] : undefined;
    case 'STRING':
      return '';
    case 'BOOLEAN':
      return false;
    case 'INT':
    case 'FLOAT':
      return typeof details['min'] === 'number' ? Math.max(0, details['min']) : 0;
    default:
      return undefined;
  }
}
