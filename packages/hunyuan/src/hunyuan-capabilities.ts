import { isBlank } from '@holodeck/core/backend';
import type { BackendCapabilities, ImageRequest } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { providerOptionProblems } from './hunyuan-provider-options.ts';
import type { ProviderOptionChoices } from './hunyuan-provider-options.ts';
import { say } from './request-messages.ts';

/** The longest prompt of Image 3.0, in code points. */
const maxPromptLength = 8192;

type JobCapabilities = Pick<
  BackendCapabilities,
  | 'style'
  | 'transparentBackground'
  | 'formats'
  | 'progress'
  | 'locatable'
  | 'cancellable'
  | 'billable'
  | 'limitSignal'
  | 'submitAbortGraceMs'
>;

/** What the APIs with jobs have in common: a job is polled, is paid for, and can be neither cancelled nor located. */
export const jobCapabilities: JobCapabilities = {
  style: false,
  transparentBackground: false,
  formats: [],
  progress: 'poll',
  locatable: false,
  cancellable: false,
  billable: true,
  limitSignal: 'refusal',
  submitAbortGraceMs: 5000,
};

/** Seeds that the service takes; 0 and absent mean "any". */
export const seedRange: { readonly min: number; readonly max: number } = { min: 1, max: 4_294_967_295 };

/**
 * What Image 3.0 can do (https://cloud.tencent.com/document/product/1668/124632): any size of 512 to 2048 px a side and at
 * most 1024 x 1024 px in area, one picture per job, up to three reference pictures.
 * @param rewritePrompt Whether the backend rewrites prompts by default. Rewriting voids the seed, so none is declared then.
 */
export function imageCapabilities(rewritePrompt: boolean): BackendCapabilities {
  return {
    size: { minSide: 512, maxSide: 2048, maxPixels: 1_048_576 },
    maxPromptLength,
    maxCount: 1,
    ...(rewritePrompt ? {} : { seed: seedRange }),
    // Pictures are brought into the service's limits before they are sent, so they only have to be readable.
    references: {
      roles: ['style'],
      maxCount: 3,
      mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/tiff', 'image/bmp', 'image/gif'],
      maxBytes: 64 * 1024 * 1024,
    },
    ...jobCapabilities,
    validate: (request) => requestProblems(request, maxPromptLength),
  };
}

/** What every API refuses, one message for each problem. */
export function requestProblems(
  request: ImageRequest,
  longestPrompt: number,
  choices?: ProviderOptionChoices,
): readonly Message[] {
  const { prompt, seed, providerOptions } = request;
  const problems = [...promptProblems(prompt, longestPrompt), ...providerOptionProblems(providerOptions, choices)];
  if (seed !== undefined && providerOptions['rewritePrompt'] === true) {
    problems.push(say('seed-void'));
  }
  return problems;
}

/**
 * A prompt with half a surrogate pair reaches the service as an empty body, which it reports as a missing Prompt. So it is
 * refused here. Characters are Unicode code points.
 */
export function promptProblems(prompt: string, max: number): readonly Message[] {
  if (typeof prompt !== 'string' || isBlank(prompt)) return [say('prompt-empty')];
  if (!prompt.isWellFormed()) return [say('prompt-surrogate')];
  const length = Array.from(prompt).length;
  return length > max ? [say('prompt-long', { length, max })] : [];
}
