import type { ImageError } from '@holodeck/core';
import type { BackendDefinition, Environment } from '@holodeck/core/backend';

import { backendsVariable, parseBackendList } from './backend-list.ts';
import type { BackendEntry } from './backend-list.ts';
import { builtinDefinitions } from './builtin-backends.ts';

/** An entry of `HOLODECK_BACKENDS` that leads to no backend. */
export interface RegistryProblem {
  readonly entry: string;
  /** Kind `invalid-request`, outcome `not-submitted`; its code is `unknown-backend` for a name that nobody has. */
  readonly error: ImageError;
}

/** The backends that are known here. */
export interface BackendRegistry {
  /** Those that come along, then those of modules that `HOLODECK_BACKENDS` names. */
  readonly definitions: readonly BackendDefinition[];
  /** Those that are to be used, in order of priority: what `HOLODECK_BACKENDS` names, else those that come along. */
  readonly selected: readonly BackendDefinition[];
  /** Whether `HOLODECK_BACKENDS` says what is selected. */
  readonly isExplicit: boolean;
  readonly problems: readonly RegistryProblem[];
}

/**
 * What is known of all backends. Loads the modules that `HOLODECK_BACKENDS` names, which is to run their code; paths count
 * from the working folder. Core is loaded only here: names alone are wanted where nothing else is loaded, such as for help.
 */
export async function loadRegistry(environment: Environment): Promise<BackendRegistry> {
  const { readVariable } = await import('@holodeck/core/backend');
  const entries = parseBackendList(readVariable(environment, backendsVariable));
  const definitions = [...(await builtinDefinitions())];
  const selected: BackendDefinition[] = [];
  const problems: RegistryProblem[] = [];
  for (const entry of entries) {
    try {
      const definition = await find(entry, definitions);
      if (!definitions.includes(definition)) definitions.push(definition);
      selected.push(definition);
    } catch (error) {
      problems.push({ entry: entry.text, error: error as ImageError });
    }
  }
  const isExplicit = entries.length > 0;
  return { definitions, selected: isExplicit ? selected : definitions, isExplicit, problems };
}

async function find(entry: BackendEntry, known: readonly BackendDefinition[]): Promise<BackendDefinition> {
  if (entry.isModule) {
    const { loadDefinition } = await import('./load-definition.ts');
    return loadDefinition(entry.text, known);
  }
  const definition = known.find(({ name }) => name === entry.text);
  if (definition !== undefined) return definition;
  const { unknownBackend } = await import('./registry-errors.ts');
  throw unknownBackend(
    entry.text,
    known.map(({ name }) => name),
  );
}
