import { ImageClient } from '@holodeck/core';
import type { ImageClientOptions } from '@holodeck/core';
import { createOpenAIBackend } from './openai-backend.ts';
import { readOpenAIEnvironment } from './openai-options.ts';
import type { OpenAIBackendOptions } from './openai-options.ts';

/** Options of `createOpenAIClient`: those of the backend and those of `ImageClient`. */
export interface OpenAIClientOptions extends OpenAIBackendOptions, ImageClientOptions {}

/**
 * A client for OpenAI or a compatible server. Options that are not given are read from `OPENAI_API_KEY`, `OPENAI_BASE_URL`,
 * `OPENAI_IMAGE_MODEL`, `OPENAI_PROFILE` and `OPENAI_DELIVERY`. The key of the environment is used only with the base URL of the environment: give
 * `apiKey` together with `baseURL`.
 *
 * ```ts
 * const client = createOpenAIClient({ outputDir: 'output' });
 * const result = await client.generate({ prompt: 'A noodle bar on a rainy night' });
 * ```
 * @throws {ImageError} kind `invalid-request` or `auth`, outcome `not-submitted`, when an option is missing or wrong.
 */
export function createOpenAIClient(options: OpenAIClientOptions = {}): ImageClient {
  const { apiKey, baseURL, model, profile, organization, project, headers, network, maxAnswerBytes, ...others } =
    options;
  const { delivery, batchGatherMs, batchListLagMs, ...driver } = others;
  const { apiKey: environmentKey, ...environment } = readOpenAIEnvironment();
  const backend = createOpenAIBackend({
    ...environment,
    ...(environmentKey === undefined || baseURL !== undefined ? {} : { apiKey: environmentKey }),
    ...defined({ apiKey, baseURL, model, profile, organization, project, headers, network, maxAnswerBytes }),
    ...defined({ delivery, batchGatherMs, batchListLagMs }),
  });
  return new ImageClient(backend, driver);
}

function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
