import type { BackendCapabilities, ImageRequest } from '@holodeck/core';
import { providerOptionProblems } from './hunyuan-provider-options.ts';

/** The longest prompt of Image 3.0, in code points. */
const maxPromptLength = 8192;

/** Seeds that the service takes; 0 and absent mean "any". */
const seedRange = { min: 1, max: 4_294_967_295 } as const;

/**
 * What Image 3.0 can do (https://cloud.tencent.com/document/product/1668/124632): any size of 512 to 2048 px a side and at
 * most 1024 x 1024 px in area, one picture per job, up to three reference pictures, no negative prompt, no style
 * parameter, no transparent ground, no choice of format, no cancel and no lookup.
 * @param rewritePrompt Whether the backend rewrites prompts by default: no seed is declared then, since rewriting voids
 * it.
 */
export function imageCapabilities(rewritePrompt: boolean): BackendCapabilities {
  return {
    size: { minSide: 512, maxSide: 2048, maxPixels: 1_048_576 },
    maxPromptLength,
    maxCount: 1,
    ...(rewritePrompt ? {} : { seed: seedRange }),
    style: false,
    // Pictures are brought into the service's limits before they are sent, so only what can be read is asked of them.
    references: {
      roles: ['style'],
      maxCount: 3,
      mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/tiff', 'image/bmp', 'image/gif'],
      maxBytes: 64 * 1024 * 1024,
    },
    transparentBackground: false,
    formats: [],
    progress: 'poll',
    locatable: false,
    cancellable: false,
    billable: true,
    limitSignal: 'refusal',
    submitAbortGraceMs: 5000,
    validate: (request) => requestProblems(request),
  };
}

function requestProblems(request: ImageRequest): readonly string[] {
  const problems = [...promptProblems(request.prompt), ...providerOptionProblems(request.providerOptions)];
  if (request.seed !== undefined && request.providerOptions['rewritePrompt'] === true) {
    problems.push(
      'A seed is void while the prompt is rewritten: leave out the seed or providerOptions.hunyuan.rewritePrompt.',
    );
  }
  return problems;
}

/**
 * A prompt with half a surrogate pair reaches the service as an empty body, which it reports as a missing Prompt; so it is
 * refused here. Characters are counted as code points.
 */
function promptProblems(prompt: string): readonly string[] {
  if (typeof prompt !== 'string' || prompt.trim() === '') return ['The prompt is empty.'];
  if (!prompt.isWellFormed()) return ['The prompt has half of a character pair (a lone surrogate): write it again.'];
  const length = Array.from(prompt).length;
  return length > maxPromptLength ? [`The prompt has ${length} characters; at most ${maxPromptLength} are taken.`] : [];
}
