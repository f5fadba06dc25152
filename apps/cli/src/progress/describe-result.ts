import type { GenerationFailure, GenerationSuccess } from '@holodeck/core';

/** One line about an image that is there. Where it lies goes to stdout. */
export function describeSuccess(taskId: string, result: GenerationSuccess): string {
  const [first] = result.images;
  const count = result.images.length > 1 ? `${result.images.length} images, ` : '';
  const source = {
    generated: `made in ${(result.timings.totalMs / 1000).toFixed(1)} s`,
    resumed: 'already there or paid for',
    cache: 'from the cache',
  }[result.source];
  return `${taskId}: done, ${count}${first.width}x${first.height}, ${source}`;
}

/** One line about a task that has no image, with where the money stands. */
export function describeFailure({ error }: GenerationFailure): string {
  return `${error.message} [${error.kind}, ${error.outcome}]`;
}
