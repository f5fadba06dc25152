import { estimateSubmission, findPrice, sumAmounts } from '@holodeck/core/backend';
import type { Money } from '@holodeck/core';
import { createPromptBuilder } from '@holodeck/hybrid';
import type { PromptSubject, SceneObject } from '@holodeck/hybrid';
import type { JobService } from '../jobs/job-service.ts';
import type { Caller } from '../keys/caller.ts';

/** What a scene would take. */
export interface ScenePlan {
  readonly backend: string;
  readonly model: string;
  readonly images: readonly { readonly asset: string; readonly prompt: string }[];
  /** By the price list; empty if the backend is free or its price is unknown. */
  readonly cost: readonly Money[];
}

/** Plans a scene: the backend that would make it, the prompts, the cost. Sends nothing that costs anything. */
export async function planScene(
  service: JobService,
  caller: Caller,
  scene: { readonly text: string; readonly style?: string | undefined; readonly objects: readonly SceneObject[] },
): Promise<ScenePlan> {
  const { clients } = service;
  const name = await clients.choose(caller, []);
  const { backend } = await clients.images(name);
  const { capabilities, model } = backend;
  const hasReference = capabilities.references?.roles.includes('style') === true;
  const prompts = createPromptBuilder();
  const words = (subject: PromptSubject): string =>
    prompts.build({ subject, ...(scene.style === undefined ? {} : { style: scene.style }) }, capabilities).prompt;
  const images = [
    { asset: 'scene-reference', prompt: words({ kind: 'scene-reference', text: scene.text }) },
    ...scene.objects.map((object) => ({
      asset: `card/${object.id}`,
      prompt: words({ kind: 'card', name: object.name, description: object.description ?? '', hasReference }),
    })),
  ];
  const price = capabilities.billable ? findPrice(name, model, clients.prices) : undefined;
  const cost =
    price === undefined
      ? []
      : sumAmounts(
          images.map(({ prompt }) => ({ amount: estimateSubmission(price, { prompt }), currency: price.currency })),
        );
  return { backend: name, model, images, cost };
}
