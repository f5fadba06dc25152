import { comfyuiOptionsFromEnvironment, createComfyUIBackend } from '@holodeck/comfyui';
import type { ComfyUIOptions, Graph } from '@holodeck/comfyui';
import { createHunyuanBackend, hunyuanOptionsFromEnvironment } from '@holodeck/hunyuan';
import { createOpenAIBackend, openaiOptionsFromEnvironment } from '@holodeck/openai';
import { isComfyUISubmission, readComfyUISubmission } from '../../conformance/support/comfyui-harness.ts';
import { isHunyuanSubmission, readHunyuanSubmission } from '../../conformance/support/hunyuan-harness.ts';
import { readOpenAISubmission } from '../../conformance/support/openai-harness.ts';
import type { LiveService } from './live-harness.ts';

const hunyuanHosts = {
  'image-3.0': 'https://aiart.tencentcloudapi.com',
  '2023-09-01': 'https://hunyuan.tencentcloudapi.com',
  tokenhub: 'https://tokenhub.tencentmaas.com',
  'hy-image-3.5': 'https://tokenhub.tencentmaas.com',
};

const services: Readonly<Record<string, () => LiveService | undefined>> = { hunyuan, openai, comfyui };

/** The service of that name, if the environment configures it. */
export function liveService(name: string): LiveService | undefined {
  return services[name]?.();
}

function hunyuan(): LiveService | undefined {
  const environment = hunyuanOptionsFromEnvironment(process.env);
  if (!environment.configured) return undefined;
  const { options } = environment;
  const { secretId, secretKey, token, apiKey, endpoint } = options;
  const api = options.api ?? (secretId === undefined ? 'tokenhub' : 'image-3.0');
  const address = endpoint ?? hunyuanHosts[api];
  const origin = address.includes('://') ? address : `https://${address}`;
  const wrongCredential = secretId === undefined ? { apiKey: 'sk-wrong-key' } : { secretKey: 'a-wrong-secret-key' };
  return {
    origin,
    create: (proxied, wrong = false) =>
      createHunyuanBackend({ ...options, endpoint: proxied, ...(wrong ? wrongCredential : {}) }),
    hasCredential: true,
    isFree: false,
    request: { size: '1024x1024' },
    secrets: [secretKey, token, apiKey, 'q-signature='].filter((secret) => secret !== undefined),
    isSubmission: isHunyuanSubmission,
    readSubmission: ({ exchanges }) => readHunyuanSubmission(exchanges.findLast(isHunyuanSubmission)),
  };
}

function openai(): LiveService | undefined {
  const options = openaiOptionsFromEnvironment(process.env);
  if (options === undefined) return undefined;
  const { apiKey, profile = 'openai' } = options;
  const base = new URL(options.baseURL ?? 'https://api.openai.com/v1');
  return {
    origin: base.origin,
    create: (proxied, wrong = false) =>
      createOpenAIBackend({
        ...options,
        baseURL: `${proxied}${base.pathname}`,
        ...(wrong ? { apiKey: 'sk-a-wrong-key' } : {}),
      }),
    hasCredential: profile === 'openai',
    isFree: profile === 'sdcpp',
    request: profile === 'openai' ? { providerOptions: { openai: { quality: 'low' } } } : {},
    secrets: apiKey === undefined ? [] : [apiKey],
    isSubmission: ({ method }) => method === 'POST',
    readSubmission: readOpenAISubmission,
  };
}

/** Needs no model: any ComfyUI can run it. */
const emptyImage: Graph = {
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 4_210_752 } },
  '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'holodeck' } },
};

function comfyui(): LiveService | undefined {
  const options = comfyuiOptionsFromEnvironment(process.env);
  const [url] = options?.urls ?? [options?.url];
  if (options === undefined || url === undefined) return undefined;
  const server = new URL(url);
  const authorization = `Basic ${Buffer.from(`${server.username}:${server.password}`).toString('base64')}`;
  const headers = server.username === '' ? {} : { authorization };
  const path = server.pathname.replace(/\/+$/, '');
  const own: ComfyUIOptions = { headers, workflow: emptyImage };
  return {
    origin: server.origin,
    create: (proxied) => createComfyUIBackend({ ...own, url: proxied + path }),
    hasCredential: false,
    isFree: true,
    expectedFailures: [
      'sends the prompt letter for letter',
      'sends a prompt of the greatest length, counted in code points',
    ].map((name) => ({ test: `options: ${name}`, reason: 'a graph without a model has no place for words' })),
    request: { size: '64x64' },
    secrets: server.username === '' ? [] : [authorization],
    isSubmission: ({ path: requested, ...exchange }) =>
      isComfyUISubmission({ ...exchange, path: requested.slice(path.length) }),
    readSubmission: (proxy) => readComfyUISubmission([proxy]),
  };
}
