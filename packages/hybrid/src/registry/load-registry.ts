import type { ImageError } from '@holodeck/core';
import type { BackendDefinition, Environment } from '@holodeck/core/backend';

import { backendsVariable, parseBackendList } from './backend-list.ts';
import type { BackendEntry } from './backend-list.ts';
import { builtinDefinitions } from './builtin-backends.ts';
import { secretValues } from './secret-values.ts';

/** An entry of `HOLODECK_BACKENDS` without a backend. */
export interface RegistryProblem {
  readonly entry: string;
  /** Kind `invalid-request`, outcome `not-submitted`; its code is `unknown-backend` for an unknown name. */
  readonly error: ImageError;
}

/** The backends that are known here. */
export interface BackendRegistry {
  /** The built-in ones, then those of modules in `HOLODECK_BACKENDS`. */
  readonly definitions: readonly BackendDefinition[];
  /** The ones to use, in order of priority: those in `HOLODECK_BACKENDS`, else the built-in ones. */
  readonly selected: readonly BackendDefinition[];
  /** Whether `HOLODECK_BACKENDS` is set. */
  readonly isExplicit: boolean;
  readonly problems: readonly RegistryProblem[];
}

/**
 * All known backends. Their secrets are blanked in messages from then on. Loads the modules in `HOLODECK_BACKENDS`, which runs their code; paths are relative to the working folder.
 * Core is loaded only here, so that help, which needs only names, stays fast.
 */
export async function loadRegistry(environment: Environment): Promise<BackendRegistry> {
  const { keepSecrets, readVariable } = await import('@holodeck/core/backend');
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
  keepSecrets(await secretValues(definitions, environment));
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
