import type { ImageBackend } from '@holodeck/core';

import { backendNames } from './backend-options.ts';
import type { BackendName } from './backend-options.ts';
import { CommandError } from './command-error.ts';

/** What the environment says about a backend. */
export type BackendConfiguration =
  | {
      readonly name: BackendName;
      readonly status: 'configured';
      /** Jobs at once that the environment asks for. */
      readonly maxConcurrent?: number;
      readonly create: () => Promise<ImageBackend>;
    }
  /** Nothing is set; `reason` says what to set. */
  | { readonly name: BackendName; readonly status: 'absent'; readonly reason: string }
  /** Something is set, and wrong or half. */
  | { readonly name: BackendName; readonly status: 'wrong'; readonly problem: string };

interface EnvironmentReading<Options> {
  readonly configured: true;
  readonly options: Options;
  readonly maxConcurrent?: number;
}

interface Unconfigured {
  readonly configured: false;
  readonly reason: string;
}

/** Loads a backend's package and hands out how it reads the environment. */
const readers: Readonly<Record<BackendName, (environment: NodeJS.ProcessEnv) => Promise<BackendConfiguration>>> = {
  hunyuan: async (environment) => {
    const { createHunyuanBackend, hunyuanOptionsFromEnvironment } = await import('@holodeck/hunyuan');
    return configurationOf('hunyuan', hunyuanOptionsFromEnvironment(environment), createHunyuanBackend);
  },
  openai: async (environment) => {
    const { createOpenAIBackend, openaiOptionsFromEnvironment } = await import('@holodeck/openai');
    return configurationOf('openai', openaiOptionsFromEnvironment(environment), createOpenAIBackend);
  },
  comfyui: async (environment) => {
    const { comfyuiOptionsFromEnvironment, createComfyUIBackend } = await import('@holodeck/comfyui');
    return configurationOf('comfyui', comfyuiOptionsFromEnvironment(environment), createComfyUIBackend);
  },
};

function configurationOf<Options>(
  name: BackendName,
  reading: EnvironmentReading<Options> | Unconfigured,
  create: (options: Options) => ImageBackend | Promise<ImageBackend>,
): BackendConfiguration {
  if (!reading.configured) return { name, status: 'absent', reason: reading.reason };
  const { options, maxConcurrent } = reading;
  return {
    name,
    status: 'configured',
    create: async () => create(options),
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
  };
}

/** What the environment says about one backend. Never rejects for a wrong value: that is a finding. */
export async function readBackend(name: BackendName, environment: NodeJS.ProcessEnv): Promise<BackendConfiguration> {
  try {
    return await readers[name](environment);
  } catch (error) {
    return { name, status: 'wrong', problem: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * All backends in order of priority: Hunyuan, OpenAI, ComfyUI, or what `HOLODECK_BACKENDS` says, which also leaves out
 * those that it does not name.
 *
 * @throws CommandError when `HOLODECK_BACKENDS` names an unknown backend.
 */
export async function readBackends(environment: NodeJS.ProcessEnv): Promise<readonly BackendConfiguration[]> {
  return Promise.all(backendOrder(environment).map((name) => readBackend(name, environment)));
}

function backendOrder(environment: NodeJS.ProcessEnv): readonly BackendName[] {
  const names = (environment['HOLODECK_BACKENDS'] ?? '')
    .toLowerCase()
    .split(/[\s,;>]+/)
    .filter((name) => name !== '');
  if (names.length === 0) return backendNames;
  return [...new Set(names)].map((name) => {
    const known = backendNames.find((other) => other === name);
    if (known === undefined) {
      throw new CommandError(
        `HOLODECK_BACKENDS names "${name}"; it may list ${backendNames.join(', ')}, separated by commas.`,
      );
    }
    return known;
  });
}
