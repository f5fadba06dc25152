import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { comfyuiOptionsFromEnvironment, createComfyUIBackend } from '@holodeck/comfyui';
import { openSqlitePermits } from '@holodeck/core';
import type { ImageBackend } from '@holodeck/core';
import { createHunyuanBackend, hunyuanOptionsFromEnvironment } from '@holodeck/hunyuan';
import type { BackendDescriptor } from '@holodeck/hybrid';
import { createOpenAIBackend, openaiOptionsFromEnvironment } from '@holodeck/openai';
import type { DemoServices } from './services.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A backend that the environment configures, or why it does not. */
type Reading = Omit<BackendDescriptor, 'name' | 'load'> & { readonly create: () => ImageBackend };

const readers: Readonly<Record<string, (environment: Environment) => Reading | string>> = {
  hunyuan(environment) {
    const found = hunyuanOptionsFromEnvironment(environment);
    if (!found.configured) return found.reason;
    const { options, maxConcurrent } = found;
    const create = (): ImageBackend => createHunyuanBackend(options);
    return { create, ...(maxConcurrent === undefined ? {} : { client: { maxConcurrent } }) };
  },
  openai(environment) {
    const options = openaiOptionsFromEnvironment(environment);
    if (options === undefined) return 'OPENAI_API_KEY is not set.';
    return { create: () => createOpenAIBackend(options) };
  },
  comfyui(environment) {
    const options = comfyuiOptionsFromEnvironment(environment);
    if (options === undefined) return 'COMFYUI_URL is not set.';
    return { create: () => createComfyUIBackend(options) };
  },
};

/**
 * The services that the environment configures. `HOLODECK_BACKENDS` orders them and leaves out those that it does not name.
 *
 * @throws Error when it names an unknown backend.
 */
export async function openLiveServices(environment: Environment): Promise<DemoServices> {
  const backends: BackendDescriptor[] = [];
  const absent: { name: string; message: string }[] = [];
  for (const name of namesFrom(environment)) {
    const reading = read(name, environment);
    if (typeof reading === 'string') absent.push({ name, message: reading });
    else backends.push(reading);
  }
  const permits = await openSqlitePermits({ environment });
  return { mode: 'live', backends, absent, permits, close: () => permits.close() };
}

function read(name: string, environment: Environment): BackendDescriptor | string {
  try {
    const reading = readers[name]?.(environment) ?? 'It is not known.';
    if (typeof reading === 'string') return reading;
    const { create, ...rest } = reading;
    return { ...rest, name, load: async () => create() };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function namesFrom(environment: Environment): readonly string[] {
  const known = Object.keys(readers);
  const named = (environment['HOLODECK_BACKENDS'] ?? '')
    .toLowerCase()
    .split(/[\s,;>]+/)
    .filter((name) => name !== '');
  const unknown = named.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`HOLODECK_BACKENDS names "${unknown}"; it may list ${known.join(', ')}, separated by commas.`);
  }
  return named.length === 0 ? known : [...new Set(named)];
}

/** The variables with those of a `.env` file added; variables that exist win. A missing file adds none. */
export function withEnvironmentFile(path: string, environment: Environment): Environment {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return environment;
    throw error;
  }
  return { ...parseEnv(text.replace(/^\uFEFF/, '')), ...environment };
}
