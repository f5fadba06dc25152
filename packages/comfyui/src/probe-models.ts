import { say } from './comfyui-messages.ts';
import { listNames } from './list-names.ts';
import { probeMemory } from './probe-load.ts';
import { chooseModels, howToFollow, usableModels } from './workflow/model-choice.ts';
import { findLoras } from './workflow/loras.ts';
import { fetchModels } from './workflow/server-models.ts';
import type { Device, LoadReport } from './probe-load.ts';
import type { ComfyUIOptions } from './comfyui-options.ts';
import type { AskedServer } from './workflow/workflow-plan.ts';

/**
 * Says which models the built-in graphs use on a server, how to choose others, and what it lacks: for cards in the look of the
 * scene, for transparent ones, and in memory.
 *
 * @throws ImageError when there is no model to draw with.
 */
export async function probeModels(
  server: AskedServer,
  options: ComfyUIOptions,
  device: Device,
  signal: AbortSignal,
): Promise<LoadReport> {
  const { http, label } = server;
  const models = await fetchModels(http, signal);
  const { scene, reference, background } = chooseModels(models, options, label);
  findLoras(models, options.loras ?? [], label);
  const graphs = reference === undefined ? [scene.files] : [scene.files, reference.files];
  const memory = await probeMemory(server, device, graphs, signal);
  const model = scene.files[0]!.name;
  const usable = usableModels(models);
  const listed = listNames([`* ${model}`, ...usable.filter((name) => name !== model)]);
  return {
    proves: [
      usable.length > 1 ? say('models-there', { models: listed }) : say('model-there', { model }),
      ...(reference === undefined
        ? []
        : [
            say('references-by', {
              model: reference.files.map(({ name }) => name).join(', '),
              count: reference.model.maxReferences,
            }),
          ]),
      ...(background === undefined ? [] : [say('background-there', { model: background.name })]),
      ...memory.proves,
    ],
    doesNotProve: [
      ...(reference === undefined ? [say('references-none', { how: howToFollow(models) })] : []),
      ...(background === undefined ? [say('background-missing')] : []),
      ...memory.doesNotProve,
    ],
    details: {
      checkpoint: model,
      references: reference !== undefined,
      transparent: background !== undefined,
      ...memory.details,
    },
  };
}
