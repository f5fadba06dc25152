import type { BackendDefinition, BackendSetup, Environment } from '@holodeck/core/backend';

import { loadRegistry } from './load-registry.ts';

/** A backend's configuration in the environment. */
export type BackendReading =
  | { readonly definition: BackendDefinition; readonly status: 'configured'; readonly setup: BackendSetup }
  /** None of its variables is set; `whenAbsent` of its definition says what to do. */
  | { readonly definition: BackendDefinition; readonly status: 'absent' }
  /** A variable is wrong or missing. */
  | { readonly definition: BackendDefinition; readonly status: 'wrong'; readonly error: Error };

/**
 * Reads one backend's configuration. A wrong value is a finding, not a rejection. A backend whose variables are all unset is absent
 * and is not loaded.
 */
export async function readBackend(definition: BackendDefinition, environment: Environment): Promise<BackendReading> {
  const { variables } = definition;
  const isMeant = variables.length === 0 || variables.some(({ name }) => environment[name]?.trim());
  if (!isMeant) return { definition, status: 'absent' };
  try {
    const setup = await definition.configure(environment);
    return setup === undefined ? { definition, status: 'absent' } : { definition, status: 'configured', setup };
  } catch (error) {
    if (isMissing(error, `@holodeck/${definition.name}`)) {
      const { notInstalled } = await import('./registry-errors.ts');
      return { definition, status: 'wrong', error: notInstalled(definition.name, error) };
    }
    return { definition, status: 'wrong', error: error instanceof Error ? error : new TypeError(String(error)) };
  }
}

/** Whether a package could not be found, rather than one that it needs. */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || !error.message.includes(`'${name}'`)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}

/**
 * Reads the configuration of the selected backends, in order of priority.
 *
 * @throws ImageError of kind `invalid-request` for an entry of `HOLODECK_BACKENDS` without a backend.
 */
export async function readBackends(environment: Environment): Promise<readonly BackendReading[]> {
  const { selected, problems } = await loadRegistry(environment);
  const [problem] = problems;
  if (problem !== undefined) throw problem.error;
  return Promise.all(selected.map((definition) => readBackend(definition, environment)));
}
