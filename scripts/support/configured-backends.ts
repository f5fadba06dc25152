import { readBackends } from '../../apps/cli/src/run/backend-configuration.ts';
import { loadEnvironmentFile } from '../../apps/cli/src/run/environment-file.ts';

/** A real service that the environment configures. */
export interface ConfiguredService {
  readonly name: string;
  /** What a run of its live suite costs, for people. */
  readonly costOfSuite: string;
}

const costs: Readonly<Record<string, string>> = {
  hunyuan: 'at most 7 images, about 1.4 CNY',
  openai: 'at most 7 images of low quality, well under 1 USD',
  comfyui: 'free',
};

/** The services that the environment and `.env` configure; what is configured wrongly is said and left out. */
export async function configuredBackends(): Promise<readonly ConfiguredService[]> {
  loadEnvironmentFile(undefined, process.env);
  const services: ConfiguredService[] = [];
  for (const backend of await readBackends(process.env)) {
    if (backend.status === 'wrong') console.error(`${backend.name} is left out: ${backend.problem}`);
    if (backend.status === 'configured') services.push({ name: backend.name, costOfSuite: costs[backend.name] ?? '' });
  }
  return services;
}
