import { parseEnv } from 'node:util';
import { readTextFile } from '@holodeck/core/backend';
import { openSqlitePermits } from '@holodeck/core/stores';
import { judgeFromEnvironment } from '@holodeck/hybrid';
import { descriptorOf, readBackends } from '@holodeck/hybrid/registry';
import type { Environment } from '@holodeck/hybrid/registry';
import type { DemoServices } from './services.ts';
import { labelsOf } from './services.ts';
import { textsOf } from './texts.ts';

/**
 * The services that the environment configures. `HOLODECK_BACKENDS` selects and orders them.
 *
 * @throws ImageError for an entry without a backend, or a judge without a model.
 */
export async function openLiveServices(environment: Environment): Promise<DemoServices> {
  const readings = await readBackends(environment);
  const judge = judgeFromEnvironment(environment);
  const permits = await openSqlitePermits({ environment });
  return {
    mode: 'live',
    backends: readings.flatMap((reading) => (reading.status === 'configured' ? [descriptorOf(reading)] : [])),
    absent: readings.flatMap((reading) => {
      if (reading.status === 'configured') return [];
      const { definition } = reading;
      const message = reading.status === 'wrong' ? textsOf(reading.error) : definition.whenAbsent;
      return [{ name: definition.name, message }];
    }),
    labels: labelsOf(readings.map(({ definition }) => definition)),
    permits,
    ...(judge && { judge }),
    close: () => permits.close(),
  };
}

/** The variables plus those of a `.env` file; existing variables win. A missing file adds nothing. */
export function withEnvironmentFile(path: string, environment: Environment): Environment {
  let text: string;
  try {
    text = readTextFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return environment;
    throw error;
  }
  return { ...parseEnv(text), ...environment };
}
