import type { JobContext } from '../contract/index.ts';
import { say } from './download-messages.ts';

/**
 * The first images of an answer, as many as were asked for: a server may name any number. The rest is one warning.
 * @param kept Default: the first `context.imageCount`; all if that is unknown.
 */
export function takeImages<T>(
  delivered: readonly T[],
  context: Pick<JobContext, 'imageCount' | 'onWarning'>,
  kept: readonly T[] = delivered.slice(0, context.imageCount),
): readonly T[] {
  if (kept.length < delivered.length)
    context.onWarning?.({ code: 'more-images', ...say('more-images', { kept: kept.length, got: delivered.length }) });
  return kept;
}
