import { readVariable } from '@holodeck/core/backend';
import type { Environment } from '@holodeck/core/backend';

import type { BackendDescriptor } from '../backends/backend-descriptor.ts';
import { descriptorOf } from './backend-descriptors.ts';
import { backendsVariable, parseBackendList } from './backend-list.ts';
import { builtinBackendNames } from './builtin-backends.ts';
import { loadRegistry } from './load-registry.ts';
import { readBackend } from './read-backends.ts';
import { notConfigured, unknownBackend } from './registry-errors.ts';

/** @throws ImageError of kind `invalid-request` for a name in `HOLODECK_BACKENDS` that is not known. */
export function assertKnownNames(environment: Environment): void {
  const entries = parseBackendList(readVariable(environment, backendsVariable));
  // A module may bring a name along: that shows when it is loaded.
  if (entries.some(({ isModule }) => isModule)) return;
  const unknown = entries.find(({ text }) => !builtinBackendNames.includes(text));
  if (unknown !== undefined) throw unknownBackend(unknown.text, builtinBackendNames);
}

/**
 * The backends that an environment configures, in order of priority. A backend that is half configured, or named but
 * not configured, fails to load, so that its reason is reported.
 *
 * @throws ImageError of kind `invalid-request` for an entry of `HOLODECK_BACKENDS` without a backend.
 */
export async function environmentDescriptors(environment: Environment): Promise<readonly BackendDescriptor[]> {
  const { selected, isExplicit, problems } = await loadRegistry(environment);
  const [problem] = problems;
  if (problem !== undefined) throw problem.error;
  const descriptors = await Promise.all(
    selected.map(async (definition) => {
      const reading = await readBackend(definition, environment);
      if (reading.status === 'configured') return [descriptorOf(reading)];
      if (reading.status === 'absent' && !isExplicit) return [];
      const error = reading.status === 'wrong' ? reading.error : notConfigured(definition);
      return [{ name: definition.name, load: () => Promise.reject(error) }];
    }),
  );
  return descriptors.flat();
}
