import type { ImageModelV4Result, SharedV4Warning } from '@ai-sdk/provider';
import { isRecord } from '@holodeck/core/backend';

import type { ImageDetails } from './kept-answer.ts';

/** Providers file what they say under their own name, and of each image in `images`, in the order of the images. */
export function detailsOf(metadata: ImageModelV4Result['providerMetadata'], count: number): readonly ImageDetails[] {
  // A provider may put anything there, and its answer is paid for.
  const entries = isRecord(metadata) ? Object.entries(metadata) : [];
  const known = entries.flatMap(([provider, entry]) => {
    const { images, ...common } = isRecord(entry) ? entry : {};
    const list = Array.isArray(images) && images.length === count ? (images as unknown[]) : [];
    return [{ provider, common, list }];
  });
  return Array.from({ length: count }, (_, index) => {
    const own = known.map(({ list }) => list[index]).find(isRecord) ?? {};
    const { revisedPrompt, seed } = own;
    const said = known.flatMap(({ provider, common, list }) => {
      const { revisedPrompt: _prompt, seed: _seed, ...rest } = isRecord(list[index]) ? list[index] : {};
      const fields = kept({ ...common, ...rest });
      return fields === undefined ? [] : [[provider, fields] as const];
    });
    const providerMetadata = kept(Object.fromEntries(said));
    return {
      ...(typeof revisedPrompt === 'string' && revisedPrompt !== '' ? { revisedPrompt } : {}),
      ...(typeof seed === 'number' && Number.isFinite(seed) ? { seed } : {}),
      ...(providerMetadata === undefined ? {} : { providerMetadata }),
    };
  });
}

const maxMetadataBytes = 4096;
/** Longer texts are pictures in base64 or whole pages. */
const maxTextCharacters = 1000;
const secretName = /key|token|secret|password|authorization|credential|signature|cookie/i;

/** As plain JSON without secrets and signed addresses; undefined if nothing is left, or too much. */
function kept(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  try {
    const text = JSON.stringify(metadata, (name, value: unknown) => (isKept(name, value) ? value : undefined));
    if (text === '{}' || Buffer.byteLength(text) > maxMetadataBytes) return undefined;
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    // It refers to itself.
    return undefined;
  }
}

function isKept(name: string, value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return true;
  if (typeof value === 'bigint' || secretName.test(name)) return false;
  // What follows the question mark of an address is often its signature.
  return (
    typeof value !== 'string' || (value.length <= maxTextCharacters && !/^(?:data:|[a-z]+:\/\/.*[?#@])/i.test(value))
  );
}

/** A warning of a model on one line. */
export function warningText(warning: SharedV4Warning): string {
  if (warning.type === 'other') return warning.message;
  if (warning.type === 'deprecated') return `${warning.setting}: ${warning.message}`;
  return `${warning.type} ${warning.feature}${warning.details === undefined ? '' : `: ${warning.details}`}`;
}
