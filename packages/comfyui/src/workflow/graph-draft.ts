import { takesNegativePrompt } from './family-settings.ts';
import type { FamilySettings } from './family-settings.ts';
import type { Graph, GraphNode } from '../wire/comfyui-wire.ts';

/** An output of a node, as a graph names it. */
export type Link = readonly [string, number];

/** Where model, text encoder and VAE come from. */
export interface Links {
  readonly model: Link;
  readonly clip: Link;
  readonly vae: Link;
}

/** What the sampler is told to draw. */
export interface Conditioning {
  readonly positive: Link;
  readonly negative: Link;
  /** For a guider with two scales: the references without the words. */
  readonly second?: Link;
  /** The model, where the references change it. */
  readonly model?: Link;
  /** Paths of the inputs that take the words. */
  readonly prompt: string;
  readonly negativePrompt?: string;
}

/** A graph that is being put together. */
export class GraphDraft {
  readonly #nodes: Record<string, GraphNode> = {};

  get graph(): Graph {
    return this.#nodes;
  }

  /** Adds a node; returns its first output. */
  add(id: string, classType: string, title: string, inputs: Readonly<Record<string, unknown>>): Link {
    this.#nodes[id] = { class_type: classType, inputs, _meta: { title } };
    return [id, 0];
  }

  /** Node 7: the negative words, or nothing where the sampler does not look at them. */
  addNegative(
    settings: FamilySettings,
    positive: Link,
    classType: string,
    inputs: Readonly<Record<string, unknown>>,
  ): Link {
    if (takesNegativePrompt(settings)) {
      return this.add('7', classType, 'Negative', inputs);
    }
    // The guider of FLUX.2 dev has one side only.
    return settings.sampler === 'flux2' && settings.guidance !== undefined
      ? positive
      : this.add('7', 'ConditioningZeroOut', 'Nothing', { conditioning: positive });
  }

  /** Node 10: the strength of the words, for models that were trained with one. */
  addGuidance(guidance: number | undefined, conditioning: Link): Link {
    return guidance === undefined
      ? conditioning
      : this.add('10', 'FluxGuidance', 'Guidance', { conditioning, guidance });
  }
}
