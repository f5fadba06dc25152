import type { BackendDefinition, Environment } from '@holodeck/core/backend';

import { generalVariables } from './general-variables.ts';

/**
 * The secrets of an environment: the values of all variables that are declared secret, the values of headers among them, and
 * the passwords in addresses. What leaves the process must hold none of them. The longest come first, so that blanking one
 * leaves no part of another.
 */
export async function secretValues(
  definitions: readonly BackendDefinition[],
  environment: Environment,
): Promise<readonly string[]> {
  const { readVariable } = await import('@holodeck/core/backend');
  const found = new Set<string>();
  for (const { name, secret = false } of [...generalVariables, ...definitions.flatMap(({ variables }) => variables)]) {
    const value = readVariable(environment, name);
    if (value === undefined) continue;
    // Of an address only its password is secret.
    if (secret && !/^\w+:\/\//.test(value)) for (const part of [value, ...headerValues(value)]) found.add(part);
    for (const address of value.split(',')) for (const password of passwordsOf(address.trim())) found.add(password);
  }
  return [...found].sort((one, other) => other.length - one.length);
}

/** The values of `Name: value` or of a JSON object of headers, each also without the word of its scheme. */
function headerValues(text: string): readonly string[] {
  const values = [...text.matchAll(/(?:^[\w-]+|"[\w-]+"\s*):\s*(?:"((?:[^"\\]|\\.)*)"|(\S.*)$)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
  return values.flatMap((value) => [value, value.replace(/^\w+\s+/, '')]).filter((value) => value !== '');
}

/** The password of an address, as it is written and as it is meant. */
function passwordsOf(address: string): readonly string[] {
  const password = URL.canParse(address) ? new URL(address).password : '';
  if (password === '') return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
