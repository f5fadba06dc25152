import type { BackendCapabilities, ImageRequest, SizeRule } from '@holodeck/core/backend';
import { say } from './openai-messages.ts';
import { modelTraits } from './openai-models.ts';
import { batchLastsMs, batchPriceShare } from './batch/batch-delivery.ts';
import { say as sayOfBatch } from './batch/batch-messages.ts';
import type { OpenAIDelivery } from './openai-options.ts';
import type { OpenAIProfile } from './openai-profiles.ts';
import type { OpenAIProviderOptions } from './openai-provider-options.ts';
import type { Message } from '@holodeck/core/messages';
import { providerOptionProblems } from './openai-provider-options.ts';
import { hasExtraArgs } from './wire/prompt-tag.ts';

const maxPromptLength = 32_000;
/** Servers of image models seed with 32 bits; some take more. */
const maxSeed = 2_147_483_647;
/** Of one reference picture; the service takes files below 50 MB. */
const maxReferenceBytes = 50_000_000;

/**
 * What a model behind a profile can do. The edit endpoint takes a picture as a style or as a start; the prompt says which of
 * the two is meant.
 */
export function openaiCapabilities(
  profile: OpenAIProfile,
  model: string,
  delivery: OpenAIDelivery = 'direct',
): BackendCapabilities {
  const inBatch = delivery === 'batch';
  const traits = modelTraits(model);
  return {
    size: profile.sizes === 'by-model' ? traits.size : sizeRule(profile, model),
    maxPromptLength,
    ...(profile.negativePrompt ? { maxNegativePromptLength: maxPromptLength } : {}),
    ...(profile.seed ? { seed: { min: 0, max: profile.wire === undefined ? Number.MAX_SAFE_INTEGER : maxSeed } } : {}),
    maxCount: profile.maxCount ?? 10,
    style: false,
    references: {
      roles: ['style', 'init'],
      maxCount: profile.maxReferences ?? 16,
      mediaTypes: ['image/png', 'image/jpeg', 'image/webp'],
      maxBytes: maxReferenceBytes,
    },
    transparentBackground: profile.transparentBackground,
    transparentBackgroundIsPreview: !traits.transparentBackground,
    opaqueBackground: profile.transparentBackground,
    formats: profile.formats,
    // A batch is asked about once for all its tasks, which the driver need not pace.
    progress: inBatch || profile.streaming ? 'push' : 'none',
    locatable: true,
    cancellable: false,
    billable: profile.billable,
    ...(inBatch ? { priceShare: batchPriceShare, jobLastsMs: batchLastsMs } : {}),
    limitSignal: 'headers',
    // A direct answer comes only once, so waiting longer after an abort gains nothing, unless its reason says `drain`. The
    // answer to a batch comes soon.
    submitAbortGraceMs: inBatch ? 30_000 : 0,
    validate: (request: ImageRequest) => [
      ...providerOptionProblems(request, profile, traits),
      ...(inBatch ? batchProblems(request.providerOptions as OpenAIProviderOptions) : []),
      ...(profile.extensions === 'prompt-tag' && hasExtraArgs(request.prompt) ? [say('extra-args-tag')] : []),
    ],
  };
}

function sizeRule({ sizeRules = [] }: OpenAIProfile, model: string): SizeRule {
  return sizeRules.find(([models]) => models.test(model))?.[1] ?? {};
}

function batchProblems({ partialImages, markup }: OpenAIProviderOptions): Message[] {
  return [
    ...(partialImages === undefined ? [] : [sayOfBatch('previews-batch')]),
    ...(markup === undefined ? [] : [sayOfBatch('markup-batch')]),
  ];
}
