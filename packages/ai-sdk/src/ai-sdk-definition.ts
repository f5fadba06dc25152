import { ImageError } from '@holodeck/core';
import type { BackendDefinition } from '@holodeck/core/backend';
import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { createAiSdkBackend } from './ai-sdk-backend.ts';
import type { AiSdkImageModel } from './ai-sdk-backend.ts';
import { say } from './ai-sdk-messages.ts';

const entryPattern = /^aisdk:([^#]+)#([^:]+):(.+)$/;

/**
 * The definition of a model that an entry of `HOLODECK_BACKENDS` names: `aisdk:<module>#<export>:<model id>`, such as
 * `aisdk:@ai-sdk/openai#openai:gpt-image-1`. The module is code that runs; it reads its own variables. The export is a
 * provider with `image(id)` or `imageModel(id)`.
 *
 * @throws {ImageError} kind `invalid-request`, when the entry has another form.
 */
export function defineAiSdkBackend(entry: string): BackendDefinition {
  const [, module, name, modelId] = entryPattern.exec(entry) ?? [];
  if (module === undefined || name === undefined || modelId === undefined) throw invalid(say('bad-entry', { entry }));
  const backendName = `aisdk-${modelId
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-|-$/g, '')}`;
  return {
    name: backendName,
    label: { en: `${modelId} (AI SDK)`, zh: `${modelId}（AI SDK）` },
    variables: [],
    whenAbsent: { en: `Install ${module}.`, zh: `请安装 ${module}。` },
    configure: () => ({
      create: async () => createAiSdkBackend({ model: await loadModel(module, name, modelId), name: backendName }),
      address: module,
    }),
    beforeFirstUse: {
      en: 'The AI SDK cannot check a key for free, and does not say which sizes and reference pictures the model takes.',
      zh: 'AI SDK 无法免费验证密钥，也不会说明模型支持哪些尺寸和参考图。',
    },
  };
}

async function loadModel(module: string, name: string, modelId: string): Promise<AiSdkImageModel> {
  let exports: Record<string, unknown>;
  try {
    exports = (await import(/* @vite-ignore */ /* webpackIgnore: true */ locate(module))) as Record<string, unknown>;
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw invalid(say('module-fails', { module, reason }));
  }
  const provider = exports[name] as
    | Partial<Record<'image' | 'imageModel', (id: string) => AiSdkImageModel>>
    | undefined;
  const model = provider?.image?.(modelId) ?? provider?.imageModel?.(modelId);
  if (model === undefined) throw invalid(say('no-export', { module, name }));
  return model;
}

/** A path counts from the working folder, and so does the search for a package. */
function locate(module: string): string {
  if (module.startsWith('.') || isAbsolute(module)) return pathToFileURL(resolve(module)).href;
  try {
    return pathToFileURL(createRequire(resolve('package.json')).resolve(module)).href;
  } catch {
    // A package with nothing for `require` may still be found from here.
    return module;
  }
}

function invalid(said: ReturnType<typeof say>): ImageError {
  return new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', backend: 'ai-sdk', ...said });
}
