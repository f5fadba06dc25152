/** The gateway's check of a request's fields: required, typed, and none that was not declared. */
import { isRecord } from '../base/is-record.ts';
import { ServiceError, missingParameter } from './service-error.ts';

export interface Field {
  readonly type: 'string' | 'integer' | 'string[]' | 'object';
  readonly required?: boolean;
  /** The fields of an object. */
  readonly fields?: Fields;
}

export type Fields = Readonly<Record<string, Field>>;

/** A request's fields after the check; absent and null ones are left out. */
export type Parameters = Readonly<Record<string, unknown>>;

/** @throws {ServiceError} `MissingParameter`, `InvalidParameter` or `UnknownParameter`, in this order. */
export function checkParameters(input: Readonly<Record<string, unknown>>, fields: Fields, prefix = ''): Parameters {
  const present = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  for (const [name, field] of Object.entries(fields))
    if (field.required === true && present[name] === undefined) throw missingParameter(prefix + name);
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(present)) {
    const field = fields[name];
    if (field === undefined) continue;
    checked[name] = checkValue(value, field, prefix + name);
  }
  for (const name of Object.keys(present))
    if (!Object.hasOwn(fields, name))
      throw new ServiceError('UnknownParameter', `The parameter \`${prefix}${name}\` is not recognized.`);
  return checked;
}

function checkValue(value: unknown, field: Field, name: string): unknown {
  if (field.type === 'object' && isRecord(value)) return checkParameters(value, field.fields ?? {}, `${name}.`);
  if (!hasType(value, field.type))
    throw new ServiceError('InvalidParameter', `The value type of parameter \`${name}\` is not valid.`);
  return value;
}

function hasType(value: unknown, type: Field['type']): boolean {
  if (type === 'string') return typeof value === 'string';
  if (type === 'integer') return Number.isInteger(value);
  return type === 'string[]' && Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/**
 * The fields of a GET request: `LogoParam.LogoRect.X=1&Images.0=...` becomes nested values. Numbers arrive as text
 * there, so that text which is declared an integer is read as one.
 */
export function parseQuery(query: URLSearchParams, fields: Fields): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const groups: Record<string, URLSearchParams> = {};
  for (const [path, value] of query) {
    const dot = path.indexOf('.');
    if (dot < 0) result[path] = fields[path]?.type === 'integer' && /^-?\d+$/.test(value) ? Number(value) : value;
    else (groups[path.slice(0, dot)] ??= new URLSearchParams()).append(path.slice(dot + 1), value);
  }
  for (const [name, group] of Object.entries(groups)) {
    const field = fields[name];
    result[name] = field?.type === 'string[]' ? [...group.values()] : parseQuery(group, field?.fields ?? {});
  }
  return result;
}
