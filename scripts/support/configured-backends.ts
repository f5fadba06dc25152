import { readBackends } from '@holodeck/hybrid/registry';

import { describeReading } from '../../apps/cli/src/run/backends.ts';
import { costsOfSuites } from '../../test/live/support/costs-of-suites.ts';
import { loadEnvironmentFile } from '../../apps/cli/src/run/environment-file.ts';

/** A real service that the environment configures. */
export interface ConfiguredService {
  readonly name: string;
  /** What a run of its live suite costs, as a text. */
  readonly costOfSuite: string;
}

/** The services that the environment and `.env` configure; a wrong configuration is reported and skipped. */
export async function configuredBackends(): Promise<readonly ConfiguredService[]> {
  for (const problem of loadEnvironmentFile(undefined, process.env)) console.error(problem);
  const services: ConfiguredService[] = [];
  for (const reading of await readBackends(process.env)) {
    const { name } = reading.definition;
    if (reading.status === 'wrong') console.error(`${name} is skipped: ${describeReading(reading)}`);
    if (reading.status !== 'configured') continue;
    const costOfSuite = costsOfSuites[name];
    if (costOfSuite === undefined) console.error(`${name} is skipped: test/live has no suite for it.`);
    else services.push({ name, costOfSuite });
  }
  return services;
}
