import type { ImageBackend } from '@holodeck/core';
import type { BackendDescriptor } from './backends/backend-descriptor.ts';
import { isDescriptor } from './backends/backend-descriptor.ts';
import { HybridClient } from './hybrid-client.ts';
import type { HybridOptions } from './hybrid-options.ts';
import { assertSettings } from './hybrid-options.ts';
import { invalidRequest } from './internal/errors.ts';
import { withLabel } from './label-options.ts';
import { createPromptBuilder } from './prompts/prompt-builder.ts';
import { say } from './request-messages.ts';

/**
 * A client over the given backends, in the given order of priority.
 *
 * ```ts
 * const client = createHybridClient({ backends: [createHunyuanBackend(options)], outputDir: 'output' });
 * const reference = await client.generateSceneReference({ sessionId: 'noodle-bar', sceneText: '雨夜的面馆' });
 * if (!reference.success) throw reference.error;
 * const cards = await client.generateObjectCards({ sessionId: 'noodle-bar', objects: [{ id: 'stool', name: '高脚凳' }] });
 * await client.close();
 * ```
 *
 * @throws ImageError of kind `invalid-request` for options that cannot be used.
 */
export function createHybridClient(options: HybridOptions): HybridClient {
  const { backends, ...given } = options;
  const settings = withLabel(given, process.env);
  assertSettings(settings, ['backends']);
  createPromptBuilder(settings.prompts);
  if (!Array.isArray(backends)) throw invalidRequest(say('backends-list'));
  const descriptors = backends.map(descriptorOf);
  return new HybridClient(settings, () => Promise.resolve(descriptors));
}

function descriptorOf(backend: ImageBackend | BackendDescriptor, index: number): BackendDescriptor {
  if (typeof backend !== 'object' || backend === null || typeof backend.name !== 'string' || backend.name === '') {
    throw invalidRequest(say('backend-form', { place: `backends[${index}]` }));
  }
  if (isDescriptor(backend)) return backend;
  return { name: backend.name, load: () => Promise.resolve(backend) };
}
