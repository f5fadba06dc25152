import type { ImageWarning } from '../contract/index.ts';
import type { TaskRow } from '../stores/task-store.ts';
import { canonicalJson, sha256Hex } from '../request/canonical-json.ts';
import type { GeneratedImage } from './generation-result.ts';
import type { RunContext } from './run-context.ts';

/** Warnings about the images, not about the call that made them. */
const imageWarnings: ReadonlySet<ImageWarning['code']> = new Set(['size-differs', 'option-adjusted']);

/**
 * The cache key of a request: backend, fingerprint and the canonical request with the hashes of its references. Undefined without a
 * seed: such a request wants a new picture each time.
 */
export function cacheKey(
  { backend, fingerprint }: Pick<TaskRow, 'backend' | 'fingerprint'>,
  requestHash: string,
  seed: unknown,
): string | undefined {
  if (typeof seed !== 'number') return undefined;
  return sha256Hex(canonicalJson({ version: 1, backend, fingerprint, requestHash }));
}

/** Stores the images of a finished task in the cache. A cache that fails stops nothing. */
export async function saveToCache(run: RunContext, row: TaskRow, images: readonly GeneratedImage[]): Promise<void> {
  const { options, logger } = run.environment;
  const { request, backend, model } = row;
  const key = cacheKey(row, row.requestHash, request['seed']);
  // The cache keeps images only.
  if (run.warnings.some(({ files }) => files !== undefined)) return;
  // A result with fewer images than requested is not reused.
  if (key === undefined || options.cache === undefined || images.length !== (request['count'] ?? 1)) return;
  try {
    const warnings = run.warnings.filter(({ code }) => imageWarnings.has(code));
    await options.cache.store({ key, backend, model, warnings }, images);
  } catch (error) {
    logger.warn({ error: String(error) }, 'an image could not be kept in the result cache');
  }
}
