import type { ImageBackend } from '@holodeck/core';
import type { BackendDefinition } from '@holodeck/core/backend';

/** Self-hosted ComfyUI servers. */
export const definition: BackendDefinition = {
  name: 'comfyui',
  label: { en: 'ComfyUI', zh: 'ComfyUI' },
  variables: [
    {
      name: 'COMFYUI_URL',
      meaning: {
        en: 'Address of a server, such as http://127.0.0.1:8188, or several with commas. No server is used unless this is set.',
        zh: '服务器地址，例如 http://127.0.0.1:8188，多个地址用逗号分隔。只有设置后才会使用。',
      },
    },
    {
      name: 'COMFYUI_WORKFLOW',
      meaning: {
        en: 'A workflow file: an API export, or as ComfyUI saves it. Default: a built-in graph.',
        zh: '工作流文件：API 导出，或 ComfyUI 保存的格式。默认使用内置工作流。',
      },
    },
    {
      name: 'COMFYUI_CHECKPOINT',
      meaning: {
        en: 'Checkpoint. Default: the one that the server has, or the first by a documented order.',
        zh: '模型文件（checkpoint）。默认使用服务器上唯一的一个，有多个时按文档中的顺序选取。',
      },
    },
    {
      name: 'COMFYUI_REFERENCE_MODEL',
      meaning: {
        en: 'Model that makes the cards in the look of the scene. Default: the one of the scene if it can, or the best that the server has.',
        zh: '按场景画风生成卡片的模型。默认：场景所用的模型若支持参考图则用它，否则用服务器上最合适的模型。',
      },
    },
    {
      name: 'COMFYUI_LORAS',
      meaning: {
        en: 'LoRA files for the built-in graphs, with commas between and a strength after a colon: detail:0.8,ink. Default: none.',
        zh: '内置工作流使用的 LoRA 文件，以逗号分隔，强度写在冒号后：detail:0.8,ink。默认不使用。',
      },
    },
    {
      name: 'COMFYUI_TIMEOUT_MS',
      meaning: {
        en: 'A job ends when nothing is heard of it for so many milliseconds, however long it takes. Default 300000.',
        zh: '任务在这么多毫秒内没有任何消息就结束，总时长不限。默认 300000。',
      },
    },
    {
      name: 'COMFYUI_HEADERS',
      meaning: {
        en: 'For a proxy before the server: one header, such as "X-API-Key: ...", or a JSON object of several. Default: none.',
        zh: '服务器前的代理所需的请求头：单个请求头，如 "X-API-Key: ..."，或包含多个请求头的 JSON 对象。默认没有。',
      },
      secret: true,
    },
  ],
  whenAbsent: {
    en: 'COMFYUI_URL is not set. Set it to the address of a server, such as http://127.0.0.1:8188.',
    zh: '未设置 COMFYUI_URL。请设为服务器地址，例如 http://127.0.0.1:8188。',
  },
  loadMessages: () => import('@holodeck/comfyui'),
  modelVariable: 'COMFYUI_CHECKPOINT',
  requestOptions: ['inputs={"3.steps": 30}', 'front=true|false'],
  previewOptions: {},
  configure: async (environment) => {
    const { comfyuiOptionsFromEnvironment, convertWorkflow, createComfyUIBackend } = await import('@holodeck/comfyui');
    const found = comfyuiOptionsFromEnvironment(environment);
    if (found === undefined) return undefined;
    const { timeoutMs, ...options } = found;
    const address = options.url ?? options.urls?.[0];
    const create = async (): Promise<ImageBackend> => {
      const { workflow } = options;
      if (workflow === undefined) return createComfyUIBackend(options);
      return createComfyUIBackend({ ...options, workflow: await convertWorkflow(workflow, options) });
    };
    return {
      create,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(address === undefined ? {} : { address }),
    };
  },
};
