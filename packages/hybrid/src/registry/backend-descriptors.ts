import type { BackendDescriptor } from '../backends/backend-descriptor.ts';
import type { BackendReading } from './read-backends.ts';

/** A configured backend as `createHybridClient` takes it. */
export function descriptorOf(reading: Extract<BackendReading, { readonly status: 'configured' }>): BackendDescriptor {
  const { definition, setup } = reading;
  const { name, prices } = definition;
  const { create, maxConcurrent, timeoutMs } = setup;
  const client = {
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  return {
    name,
    load: async () => create(),
    client,
    ...(prices === undefined ? {} : { prices }),
  };
}
