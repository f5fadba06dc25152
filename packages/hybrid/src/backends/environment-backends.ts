import { ImageError } from '@holodeck/core';
import type { ImageBackend } from '@holodeck/core';
import { errorSource, invalidRequest } from '../internal/errors.ts';
import type { BackendClientOptions, BackendDescriptor } from './backend-descriptor.ts';

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What an environment says of one backend. */
interface Configured {
  readonly make: () => ImageBackend | Promise<ImageBackend>;
  readonly client?: BackendClientOptions;
}

interface EnvironmentBackend {
  /** Any of them set means that the backend is meant. */
  readonly variables: readonly string[];
  /** Loads the package and reads its variables; a text says why it is not configured. */
  readonly configure: (environment: Environment) => Promise<Configured | string>;
}

/** Name of a backend that the environment can configure. */
export type EnvironmentBackendName = 'hunyuan' | 'openai' | 'comfyui';

/** In the default order. */
const known: Readonly<Record<EnvironmentBackendName, EnvironmentBackend>> = {
  hunyuan: {
    variables: [
      'HUNYUAN_SECRET_ID',
      'HUNYUAN_SECRET_KEY',
      'HUNYUAN_API_KEY',
      'TENCENTCLOUD_SECRET_ID',
      'TENCENTCLOUD_SECRET_KEY',
    ],
    async configure(environment) {
      const { createHunyuanBackend, hunyuanOptionsFromEnvironment } = await import('@holodeck/hunyuan');
      const found = hunyuanOptionsFromEnvironment(environment);
      if (!found.configured) return found.reason;
      const { maxConcurrent } = found;
      const client = maxConcurrent === undefined ? {} : { client: { maxConcurrent } };
      return { make: () => createHunyuanBackend(found.options), ...client };
    },
  },
  openai: {
    variables: ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_PROFILE'],
    async configure(environment) {
      const { createOpenAIBackend, openaiOptionsFromEnvironment } = await import('@holodeck/openai');
      const found = openaiOptionsFromEnvironment(environment);
      return found === undefined ? 'OPENAI_API_KEY is not set.' : { make: () => createOpenAIBackend(found) };
    },
  },
  comfyui: {
    variables: ['COMFYUI_URL'],
    async configure(environment) {
      const { createComfyUIBackend, comfyuiOptionsFromEnvironment } = await import('@holodeck/comfyui');
      const found = comfyuiOptionsFromEnvironment(environment);
      return found === undefined ? 'COMFYUI_URL is not set.' : { make: () => createComfyUIBackend(found) };
    },
  },
};

/** The names to look at, in order of priority, and whether somebody has named them. */
export interface BackendNames {
  readonly names: readonly EnvironmentBackendName[];
  readonly isExplicit: boolean;
}

/**
 * The order that `HOLODECK_BACKENDS` asks for, else the default one.
 *
 * @throws ImageError of kind `invalid-request` for a name that is not known.
 */
export function backendNamesFrom(environment: Environment): BackendNames {
  const all = Object.keys(known) as EnvironmentBackendName[];
  const given = (environment['HOLODECK_BACKENDS'] ?? '')
    .split(/[\s,>]+/)
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  if (given.length === 0) return { names: all, isExplicit: false };
  const unknown = given.find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) {
    throw invalidRequest(`HOLODECK_BACKENDS names "${unknown}", which is not known. Known: ${all.join(', ')}.`);
  }
  return { names: [...new Set(given as EnvironmentBackendName[])], isExplicit: true };
}

/**
 * The backends that are configured, in order. One that is configured by half, or named without being configured, is kept
 * as one that cannot be loaded, so that its reason is told.
 */
export async function backendsFromEnvironment(
  environment: Environment,
  { names, isExplicit }: BackendNames,
): Promise<readonly BackendDescriptor[]> {
  const descriptors = await Promise.all(names.map((name) => descriptorOf(environment, name, isExplicit)));
  return descriptors.filter((descriptor) => descriptor !== undefined);
}

async function descriptorOf(
  environment: Environment,
  name: EnvironmentBackendName,
  isExplicit: boolean,
): Promise<BackendDescriptor | undefined> {
  const { variables, configure } = known[name];
  const isMeant = isExplicit || variables.some((variable) => (environment[variable] ?? '').trim() !== '');
  if (!isMeant) return undefined;
  try {
    const configured = await configure(environment);
    if (typeof configured !== 'string') {
      const { make, client } = configured;
      return { name, load: async () => make(), ...(client === undefined ? {} : { client }) };
    }
    return isExplicit ? unusable(name, notConfigured(name, configured)) : undefined;
  } catch (error) {
    return unusable(name, error);
  }
}

function unusable(name: string, error: unknown): BackendDescriptor {
  return { name, load: () => Promise.reject(error instanceof Error ? error : new TypeError(String(error))) };
}

function notConfigured(name: string, reason: string): ImageError {
  return new ImageError({
    kind: 'auth',
    outcome: 'not-submitted',
    message: `HOLODECK_BACKENDS names ${name}, but it is not configured: ${reason}`,
    backend: errorSource,
  });
}
