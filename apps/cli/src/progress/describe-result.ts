import type { GenerationFailure, GenerationSuccess } from '@holodeck/core';
import type { Message } from '@holodeck/core/messages';

import { messages } from '../messages/messages.ts';
import { render } from '../messages/render.ts';

/** One line about a finished image. Its path goes to stdout. */
export function describeSuccess(taskId: string, result: GenerationSuccess): string {
  const { reports } = messages();
  const [first] = result.images;
  const source = {
    generated: reports.madeIn((result.timings.totalMs / 1000).toFixed(1)),
    resumed: reports.wasPresent,
    cache: reports.fromCache,
  }[result.source];
  return reports.done(taskId, result.images.length, `${first.width}x${first.height}`, source);
}

/** One line about a task that has no image, with where the money stands. */
export function describeFailure({ error }: GenerationFailure): string {
  return describeError(error);
}

/** What an error says, with its cause and where the money stands. */
export function describeError(error: Message & { readonly kind: string; readonly outcome: string }): string {
  const { failure } = messages().reports;
  return failure(render(error), error.kind, error.outcome);
}
