import type { ImageBackend } from '@holodeck/core';

import { backendNames } from '../options/backend-options.ts';
import type { BackendName } from '../options/backend-options.ts';
import { CommandError } from './command-error.ts';
import { messages } from '../messages/messages.ts';
import { translate } from '../messages/translate.ts';
import { suggest } from '../options/suggest.ts';

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

type Reader = (environment: NodeJS.ProcessEnv) => Promise<BackendConfiguration>;

/** Each loads its backend's package only when it is asked. */
const readers: Readonly<Record<BackendName, Reader>> = {
  hunyuan: async (environment) => {
    const { createHunyuanBackend, hunyuanOptionsFromEnvironment } = await import('@holodeck/hunyuan');
    const reading = hunyuanOptionsFromEnvironment(environment);
    if (!reading.configured) return { name: 'hunyuan', status: 'absent', reason: translate(reading.reason) };
    const { options, maxConcurrent } = reading;
    return {
      name: 'hunyuan',
      status: 'configured',
      create: async () => createHunyuanBackend(options),
      ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    };
  },
  openai: async (environment) => {
    const { createOpenAIBackend, openaiOptionsFromEnvironment } = await import('@holodeck/openai');
    const options = openaiOptionsFromEnvironment(environment);
    if (options !== undefined) {
      return { name: 'openai', status: 'configured', create: async () => createOpenAIBackend(options) };
    }
    return { name: 'openai', status: 'absent', reason: messages().errors.openaiNotSet };
  },
  comfyui: async (environment) => {
    const { comfyuiOptionsFromEnvironment, createComfyUIBackend } = await import('@holodeck/comfyui');
    const options = comfyuiOptionsFromEnvironment(environment);
    if (options !== undefined) {
      return { name: 'comfyui', status: 'configured', create: async () => createComfyUIBackend(options) };
    }
    return { name: 'comfyui', status: 'absent', reason: messages().errors.comfyuiNotSet };
  },
};

/** What the environment says about one backend. Never rejects for a wrong value: that is a finding. */
export async function readBackend(name: BackendName, environment: NodeJS.ProcessEnv): Promise<BackendConfiguration> {
  try {
    return await readers[name](environment);
  } catch (error) {
    return { name, status: 'wrong', problem: translate(error instanceof Error ? error.message : String(error)) };
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
      const { unknownBackendName, didYouMean } = messages().errors;
      const near = suggest(name, backendNames);
      const text = unknownBackendName(name, backendNames.join(', '));
      throw new CommandError(near === undefined ? text : `${text}\n(${didYouMean(near)})`);
    }
    return known;
  });
}
