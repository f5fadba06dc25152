import type { BackendDescriptor } from '../backends/backend-descriptor.ts';
import type { BackendReading } from './read-backends.ts';

/** A configured backend as `createHybridClient` takes it. */
export function descriptorOf(reading: Extract<BackendReading, { readonly status: 'configured' }>): BackendDescriptor {
  const { definition, setup } = reading;
  const { name, prices } = definition;
  const { create, maxConcurrent } = setup;
  return {
    name,
    load: async () => create(),
    ...(maxConcurrent === undefined ? {} : { client: { maxConcurrent } }),
    ...(prices === undefined ? {} : { prices }),
  };
}
