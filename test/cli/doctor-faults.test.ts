import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startComfyUIEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import type { ComfyUIEmulator, OpenAIEmulator } from '@holodeck/emulators';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { englishSentencesOf } from './support/english-sentences.ts';
import { openWorkspace } from './support/holodeck.ts';
import type { FinishedRun, Workspace } from './support/holodeck.ts';

let workspace: Workspace;
let openai: OpenAIEmulator;
let comfyui: ComfyUIEmulator;
beforeAll(async () => {
  workspace = await openWorkspace();
  openai = await startOpenAIEmulator();
  comfyui = await startComfyUIEmulator();
  const loader = { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'not-there.safetensors' } };
  const absent = { class_type: 'ReActorFaceSwap', inputs: { model: ['1', 0] } };
  const save = { class_type: 'SaveImage', inputs: { images: ['2', 0] }, _meta: { title: '@output' } };
  const text = { class_type: 'CLIPTextEncode', inputs: { clip: ['1', 1], text: 'x' }, _meta: { title: '@prompt' } };
  const workflow = { '1': loader, '2': absent, '3': save, '4': text };
  writeFileSync(join(workspace.folder, 'workflow.json'), JSON.stringify(workflow));
});
afterEach(() => {
  workspace.emulator.reset();
  workspace.emulator.setFaults([]);
  workspace.emulator.set({ clockSkewMs: 0 });
  openai.set({ mayListModels: true });
  comfyui.set({ models: { checkpoints: ['emulator-checkpoint.safetensors'] } });
});
afterAll(async () => {
  await Promise.all([workspace.close(), openai.close(), comfyui.close()]);
});

function doctor(
  language: string,
  env: Readonly<Record<string, string>> = {},
  timeoutMs = '50000',
): Promise<FinishedRun> {
  // Long, because the machine may be busy: it only ends the case of the silent service.
  return workspace.quickRun(['doctor', '--lang', language, '--timeout-ms', timeoutMs], {
    OPENAI_BASE_URL: openai.baseURL,
    OPENAI_API_KEY: openai.apiKey,
    COMFYUI_URL: comfyui.url,
    ...env,
  });
}

interface Case {
  readonly name: string;
  readonly prepare?: () => void;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: string;
  /** What both languages show. */
  readonly both: readonly RegExp[];
  readonly english: RegExp;
  readonly chinese: RegExp;
}

const refuse = (code: string) => () =>
  workspace.emulator.setFaults([{ kind: 'refuse', code, message: 'as the service says', operation: 'query' }]);

const cases: readonly Case[] = [
  {
    name: 'all that is well',
    both: [/console\.cloud\.tencent\.com\/aiart/, /aiart:SubmitTextToImageJob/],
    english: /hunyuan .*: ready\.[^]*connection: direct \(this machine\)[^]*comfyui .*: ready\./,
    chinese: /hunyuan（.*）：就绪。[^]*线路：直连，本机[^]*comfyui（.*）：就绪。/,
  },
  {
    name: 'a clock that is two minutes slow',
    prepare: () => workspace.emulator.set({ clockSkewMs: 120_000 }),
    both: [/hunyuan/],
    english: /clock: this machine's clock is 1[0-2]\d s behind; beyond 300 s .*NTP/,
    chinese: /时钟：本机时钟慢 1[0-2]\d 秒；超过 300 秒.*NTP/,
  },
  {
    name: 'a clock that is too slow',
    prepare: () => workspace.emulator.set({ clockSkewMs: 600_000 }),
    both: [/AuthFailure\.SignatureExpire/],
    english: /hunyuan .*: down\.[^]*to do: Requests are valid for 5 minutes: .*about 10 min behind/,
    chinese: /hunyuan（.*）：不可用。[^]*处理：请求只在 5 分钟内有效：.*约慢 10 分钟/,
  },
  {
    name: 'a service that is not activated',
    prepare: refuse('ResourceUnavailable.NotExist'),
    both: [/ResourceUnavailable\.NotExist/],
    english: /to do: The service aiart .* is not activated for this account: open https:/,
    chinese: /处理：此账号没有开通 aiart .*：请打开 https:/,
  },
  {
    name: 'a permission of CAM that is missing',
    prepare: refuse('AuthFailure.UnauthorizedOperation'),
    both: [/aiart:QueryTextToImageJob.*/, /console\.cloud\.tencent\.com\/cam/],
    english: /to do: The key's user lacks a permission: let an administrator grant aiart:SubmitTextToImageJob/,
    chinese: /处理：密钥所属用户缺少权限：请管理员在 \S+ 授予 aiart:SubmitTextToImageJob/,
  },
  {
    name: 'an account in arrears',
    prepare: refuse('ResourceUnavailable.InArrears'),
    both: [/console\.cloud\.tencent\.com\/expense/],
    english: /to do: The account has no balance or package left/,
    chinese: /处理：账号余额或 .* 的资源包已用完/,
  },
  {
    name: 'a proxy that is not an address',
    env: { HUNYUAN_ENDPOINT: 'http://aiart.example:81', HTTP_PROXY: 'socks5://127.0.0.1:1080' },
    both: [/socks5/],
    english: /connection: not possible: HTTP_PROXY names a proxy of type socks5; only http and https/,
    chinese: /线路：不通：HTTP_PROXY 的代理类型是 socks5；只支持 http 和 https/,
  },
  {
    name: 'a proxy that does not answer',
    env: { HUNYUAN_ENDPOINT: 'http://aiart.example:81', HTTP_PROXY: 'http://user:hidden@127.0.0.1:9' },
    both: [/127\.0\.0\.1:9/],
    english:
      /hunyuan .*: down\. No connection to aiart.*Could not connect to the proxy[^]*connection: through the proxy 127\.0\.0\.1:9 \(HTTP_PROXY\)/,
    chinese: /hunyuan（.*）：不可用。无法连接 aiart.*：无法连接 代理[^]*线路：经代理 127\.0\.0\.1:9（HTTP_PROXY）/,
  },
  {
    name: 'a service that is silent',
    prepare: () => workspace.emulator.setFaults([{ kind: 'stall', operation: 'query' }]),
    timeoutMs: '1500',
    both: [/1500/],
    english:
      /hunyuan .*: unknown\. hunyuan did not answer within 1500 ms; it may only be slow\.\n.*\n {2}connection: direct \(this machine\)/,
    chinese: /hunyuan（.*）：未知。hunyuan 在 1500 毫秒内没有应答，可能只是较慢。\n.*\n {2}线路：直连，本机/,
  },
  {
    name: 'a key of OpenAI that is wrong',
    env: { OPENAI_API_KEY: 'sk-wrong' },
    both: [/openai/],
    english: /openai .*: down\.[^]*to do: Set OPENAI_API_KEY to a valid key/,
    chinese: /openai（.*）：不可用。[^]*处理：请把 OPENAI_API_KEY 设为此服务器的有效密钥/,
  },
  {
    name: 'a model of OpenAI that is not there',
    env: { OPENAI_IMAGE_MODEL: 'gpt-image-99' },
    both: [/gpt-image-99/],
    english: /gpt-image-99 is not visible for this key/,
    chinese: /此密钥在 .* 看不到 gpt-image-99/,
  },
  {
    name: 'nodes and models that ComfyUI lacks',
    env: { COMFYUI_WORKFLOW: 'workflow.json' },
    both: [/ReActorFaceSwap/, /not-there\.safetensors/, /emulator-checkpoint\.safetensors/, /ComfyUI-Manager/],
    english:
      /comfyui .*: down\..*the node ReActorFaceSwap is not installed \(it is in the pack [^)]+\); node 1 .*is not there; the server has: /,
    chinese: /comfyui（.*）：不可用。.*没有安装节点 ReActorFaceSwap（属于扩展包 [^）]+）；节点 1（.*服务器上有：/,
  },
  {
    name: 'a ComfyUI without a model',
    prepare: () => comfyui.set({ models: { checkpoints: [] } }),
    both: [
      /models\/diffusion_models\/flux-2-klein-4b-fp8\.safetensors/,
      /models\/text_encoders\/qwen_3_4b\.safetensors/,
      /models\/vae\/flux2-vae\.safetensors/,
    ],
    english: /comfyui .*: down\..* has no model that the built-in graphs can draw with/,
    chinese: /comfyui（.*）：不可用。.*没有内置工作流可用的模型/,
  },
  {
    name: 'a ComfyUI that is not running',
    env: { COMFYUI_URL: 'http://127.0.0.1:9' },
    both: [/--listen/],
    english: /to do: Start ComfyUI/,
    chinese: /处理：请启动 ComfyUI/,
  },
];

describe.each(cases)('doctor reports $name', ({ prepare, env, timeoutMs, both, english, chinese }) => {
  it.each([
    ['en', english],
    ['zh', chinese],
  ] as const)('in %s, for free', async (language, expected) => {
    prepare?.();
    const { stdout, stderr } = await doctor(language, env, timeoutMs);
    expect.soft(stdout).toMatch(expected);
    for (const pattern of both) expect.soft(stdout).toMatch(pattern);
    expect.soft(stdout + stderr).not.toContain('hidden');
    // The services' own words are not translated.
    const own = stdout.replaceAll(
      /as the service says|connect ECONN.*|The difference between .* five minutes|The API key that was sent is not correct/g,
      '',
    );
    if (language === 'zh') expect.soft(englishSentencesOf(own + stderr)).toEqual([]);
    expect(workspace.emulator.ledger.submissions).toBe(0);
  });
});
