import type { ImageModelV4Result, SharedV4Warning } from '@ai-sdk/provider';
import { isRecord } from '@holodeck/core/backend';

import type { ImageDetails } from './kept-answer.ts';

/** Providers file what they say of each image under their own name, in the order of the images. */
export function detailsOf(metadata: ImageModelV4Result['providerMetadata'], count: number): readonly ImageDetails[] {
  // A provider may put anything there, and its answer is paid for.
  const entries: unknown[] = isRecord(metadata) ? Object.values(metadata) : [];
  const lists = entries.map((entry) => (isRecord(entry) ? entry['images'] : undefined));
  const known = lists.find((list) => Array.isArray(list) && list.length === count) ?? [];
  return (known as unknown[]).map((entry) => {
    const { revisedPrompt, seed } = isRecord(entry) ? entry : {};
    return {
      ...(typeof revisedPrompt === 'string' && revisedPrompt !== '' ? { revisedPrompt } : {}),
      ...(typeof seed === 'number' && Number.isFinite(seed) ? { seed } : {}),
    };
  });
}

/** A warning of a model on one line. */
export function warningText(warning: SharedV4Warning): string {
  if (warning.type === 'other') return warning.message;
  if (warning.type === 'deprecated') return `${warning.setting}: ${warning.message}`;
  return `${warning.type} ${warning.feature}${warning.details === undefined ? '' : `: ${warning.details}`}`;
}
