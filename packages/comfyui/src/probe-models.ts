import { say } from './comfyui-messages.ts';
import { chooseModels, howToFollow } from './workflow/model-choice.ts';
import { findLoras } from './workflow/loras.ts';
import { fetchModels } from './workflow/server-models.ts';
import type { Message } from '@holodeck/core/messages';
import type { ComfyUIOptions } from './comfyui-options.ts';
import type { AskedServer } from './workflow/workflow-plan.ts';

/** What a server's models are good for. */
export interface ModelReport {
  /** The file of the scene's model. */
  readonly model: string;
  readonly proves: readonly Message[];
  readonly doesNotProve: readonly Message[];
}

/**
 * Says which models the built-in graphs use on a server, and what it lacks for cards in the look of the scene.
 *
 * @throws ImageError when there is no model to draw with.
 */
export async function probeModels(
  { http, label }: AskedServer,
  options: ComfyUIOptions,
  signal: AbortSignal,
): Promise<ModelReport> {
  const models = await fetchModels(http, signal);
  const { scene, reference, background, among } = chooseModels(models, options, label);
  findLoras(models, options.loras ?? [], label);
  const model = scene.files[0]!.name;
  return {
    model,
    proves: [
      among === undefined ? say('model-there', { model }) : say('model-there-among', { model, count: among.length }),
      ...(reference === undefined
        ? []
        : [say('references-by', { model: reference.files[0]!.name, count: reference.model.maxReferences })]),
      ...(background === undefined ? [] : [say('background-there', { model: background.name })]),
    ],
    doesNotProve: reference === undefined ? [say('references-none', { how: howToFollow(models) })] : [],
  };
}
