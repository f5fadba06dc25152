import type { BackendCapabilities, ImageRequest } from '@holodeck/core/backend';
import { modelTraits } from './openai-models.ts';
import type { OpenAIProfile } from './openai-profiles.ts';
import { providerOptionProblems } from './openai-provider-options.ts';
import { hasExtraArgs } from './wire/prompt-tag.ts';

const maxPromptLength = 32_000;
/** Of one reference picture; the service takes files below 50 MB. */
const maxReferenceBytes = 50_000_000;

/**
 * What a model behind a profile can do. The edit endpoint takes pictures both as a look and as a start: which of the two is
 * meant, the words say.
 */
export function openaiCapabilities(profile: OpenAIProfile, model: string): BackendCapabilities {
  const traits = modelTraits(model);
  return {
    size: profile.sizes === 'by-model' ? traits.size : {},
    maxPromptLength,
    ...(profile.seedAndNegativePrompt
      ? { maxNegativePromptLength: maxPromptLength, seed: { min: 0, max: Number.MAX_SAFE_INTEGER } }
      : {}),
    maxCount: 10,
    style: false,
    references: {
      roles: ['style', 'init'],
      maxCount: 16,
      mediaTypes: ['image/png', 'image/jpeg', 'image/webp'],
      maxBytes: maxReferenceBytes,
    },
    transparentBackground: profile.transparentBackground,
    transparentBackgroundIsPreview: !traits.transparentBackground,
    opaqueBackground: profile.transparentBackground,
    formats: profile.formats,
    progress: profile.streaming ? 'push' : 'none',
    locatable: true,
    cancellable: false,
    billable: profile.billable,
    limitSignal: 'headers',
    // Waiting for the answer cannot be cut short by asking again: an abort is passed on at once, unless its
    // reason says `drain`.
    submitAbortGraceMs: 0,
    validate: (request: ImageRequest) => [
      ...providerOptionProblems(request, profile, traits),
      ...(profile.extensions === 'prompt-tag' && hasExtraArgs(request.prompt)
        ? ['The prompt has a tag <sd_cpp_extra_args>; give its values as providerOptions.openai.extraBody.']
        : []),
    ],
  };
}
