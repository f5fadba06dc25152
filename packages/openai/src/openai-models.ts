import type { SizeRule } from '@holodeck/core/backend';

/** What a model's name says about it. */
export interface OpenAIModelTraits {
  /** Absent = the name is not known and the server decides. */
  readonly generation?: number;
  readonly size: SizeRule;
  /** Qualities `xhigh` and `max`. */
  readonly extendedQuality: boolean;
  /** Values that `inputFidelity` may have; empty = the model refuses the parameter. */
  readonly inputFidelity: readonly string[];
  readonly markup: boolean;
  /** Whether every account can get a transparent background. */
  readonly transparentBackground: boolean;
}

const standardSizes: SizeRule = {
  oneOf: [
    { width: 1024, height: 1024 },
    { width: 1536, height: 1024 },
    { width: 1024, height: 1536 },
  ],
};

// https://platform.openai.com/docs/guides/image-generation: edges divisible by 16, ratio within 1:3 to 3:1, at most
// 3840x2160 in either orientation. The service also has pixel limits that it does not publish: it refuses those itself.
const freeSizes: SizeRule = { multipleOf: 16, maxRatio: 3, maxSide: 3840 };

// https://platform.openai.com/docs/guides/image-generation: with gpt-image-2 it is a preview that many accounts cannot use
// (400); nothing is known about 2.6.
const transparentGenerations: ReadonlySet<number> = new Set([1, 1.5, 2.5]);

const versionPattern = /^gpt-image-(\d+(?:\.\d+)?)(?:-|$)/;

/** The traits of one of OpenAI's models; a name that is not known has none of the limits. */
export function modelTraits(model: string): OpenAIModelTraits {
  const generation = Number(versionPattern.exec(model)?.[1] ?? Number.NaN);
  if (Number.isNaN(generation)) {
    const older = /^(chatgpt-image|dall-e)/.test(model);
    return {
      size: older ? standardSizes : {},
      extendedQuality: !older,
      inputFidelity: ['high', 'low'],
      markup: !older,
      transparentBackground: older,
    };
  }
  return {
    generation,
    size: generation >= 2 ? freeSizes : standardSizes,
    extendedQuality: generation >= 2.5,
    inputFidelity: fidelities(model, generation),
    markup: generation >= 2.5,
    transparentBackground: transparentGenerations.has(generation),
  };
}

function fidelities(model: string, generation: number): readonly string[] {
  if (generation === 2) return [];
  return model.startsWith('gpt-image-1-mini') ? ['low'] : ['high', 'low'];
}
