/** Checks and changes the settings of all emulators. */
import { isRecord } from './is-record.ts';

/** A check of a value, and its rule in words. */
export type SettingRule = readonly [check: (value: unknown) => boolean, wanted: string];

/** One rule for each setting. */
export type SettingRules<Settings> = Readonly<Record<keyof Settings, SettingRule>>;

export const isAmount = (value: unknown): boolean => typeof value === 'number' && value >= 0;
export const isOptionalAmount = (value: unknown): boolean => value === undefined || value === null || isAmount(value);

export const milliseconds: SettingRule = [isAmount, 'milliseconds'];
export const duration: SettingRule = [isDuration, 'milliseconds, or { medianMs, sigma }'];
export const optionalBytes: SettingRule = [isOptionalAmount, 'a number of bytes'];
export const onOrOff: SettingRule = [(value) => typeof value === 'boolean', 'true or false'];
export const rate: SettingRule = [
  (value) => value === 'off' || (typeof value === 'number' && value >= 1),
  'a number from 1, or "off"',
];

function isDuration(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return isAmount(value) || (isRecord(value) && isAmount(value['medianMs']) && isAmount(value['sigma']));
}

/**
 * The settings after a change. Null means undefined, which JSON does not have.
 * @throws {TypeError} for a setting that does not exist or has a wrong value.
 */
export function changeSettings<Settings extends object>(
  rules: SettingRules<Settings>,
  settings: Settings,
  changes: Readonly<Record<string, unknown>>,
): Settings {
  const next: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(changes)) {
    const [check, wanted] = Object.entries<SettingRule>(rules).find(([rule]) => rule === name)?.[1] ?? [];
    if (check === undefined) throw new TypeError(`unknown setting ${name}; there are ${Object.keys(rules).join(', ')}`);
    if (!check(value)) throw new TypeError(`the setting ${name} must be ${wanted}`);
    next[name] = value ?? undefined;
  }
  return { ...settings, ...next };
}

/** A size of pictures, or none. */
export const optionalSize: SettingRule = [isSize, '{ width, height }, from 1 to 8192'];

function isSize(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (!isRecord(value)) return false;
  return [value['width'], value['height']].every(
    (side) => typeof side === 'number' && Number.isInteger(side) && side >= 1 && side <= 8192,
  );
}
