import type { BackendDefinition, BackendSetup, Environment } from '@holodeck/core/backend';

import { loadRegistry } from './load-registry.ts';

/** What the environment says of a backend. */
export type BackendReading =
  | { readonly definition: BackendDefinition; readonly status: 'configured'; readonly setup: BackendSetup }
  /** Nothing is set that configures it; `whenAbsent` of its definition says what to do. */
  | { readonly definition: BackendDefinition; readonly status: 'absent' }
  /** Something is set wrongly or by half. */
  | { readonly definition: BackendDefinition; readonly status: 'wrong'; readonly error: Error };

/**
 * What the environment says of one backend. Never rejects for a wrong value: that is a finding. A backend that has variables,
 * none of which is set, is absent and not loaded.
 */
export async function readBackend(definition: BackendDefinition, environment: Environment): Promise<BackendReading> {
  const { variables } = definition;
  const isMeant = variables.length === 0 || variables.some(({ name }) => environment[name]?.trim());
  if (!isMeant) return { definition, status: 'absent' };
  try {
    const setup = await definition.configure(environment);
    return setup === undefined ? { definition, status: 'absent' } : { definition, status: 'configured', setup };
  } catch (error) {
    return { definition, status: 'wrong', error: error instanceof Error ? error : new TypeError(String(error)) };
  }
}

/**
 * What the environment says of the backends that are to be used, in order of priority.
 *
 * @throws ImageError of kind `invalid-request` for an entry of `HOLODECK_BACKENDS` that leads to no backend.
 */
export async function readBackends(environment: Environment): Promise<readonly BackendReading[]> {
  const { selected, problems } = await loadRegistry(environment);
  const [problem] = problems;
  if (problem !== undefined) throw problem.error;
  return Promise.all(selected.map((definition) => readBackend(definition, environment)));
}
