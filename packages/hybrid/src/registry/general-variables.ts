import type { BackendVariable } from '@holodeck/core/backend';

import { builtinBackendNames } from './builtin-backends.ts';

/** Names the background remover for cards. */
export const removerVariable = 'HOLODECK_BACKGROUND_REMOVER';

/** The variables that do not belong to one backend. */
export const generalVariables: readonly BackendVariable[] = [
  {
    name: 'HOLODECK_BACKENDS',
    meaning: {
      en: `Which backends, in which order. Default ${builtinBackendNames.join(',')}. A module that defines a backend is named by its path or package, such as ./my-backend.ts or @acme/postcard: its code is run.`,
      zh: `使用哪些后端及其顺序，默认 ${builtinBackendNames.join(',')}。也可以写定义后端的模块的路径或包名，如 ./my-backend.ts、@acme/postcard：其代码会被执行。`,
    },
  },
  {
    name: 'HOLODECK_STATE_DIR',
    meaning: {
      en: 'Where state is kept when the output folder is on a network file system.',
      zh: '输出目录在网络文件系统上时，状态保存在哪里。',
    },
  },
  {
    name: 'HOLODECK_STORE',
    meaning: {
      en: 'Tasks, sessions and limits that several machines share, such as redis://:password@redis.studio:6379/0',
      zh: '多台机器共享的任务、会话和限额，如 redis://:password@redis.studio:6379/0',
    },
    secret: true,
  },
  {
    name: 'HOLODECK_IMAGES',
    meaning: {
      en: 'Where workers keep finished images: file:///mnt/pictures, or s3://bucket/prefix?region=...&endpoint=...',
      zh: 'worker 把完成的图片存放在哪里：file:///mnt/pictures，或 s3://bucket/prefix?region=...&endpoint=...',
    },
  },
  {
    name: 'HOLODECK_CACHE_DIR',
    meaning: {
      en: "Where --cache keeps images of seeded requests. Default: the user's folder for caches.",
      zh: '--cache 把带种子的请求的图片存放在哪里。默认是用户的缓存目录。',
    },
  },
  {
    name: removerVariable,
    meaning: {
      en: 'imgly: cuts cards out with a model where the ground is not plain. Needs the package @imgly/background-removal-node, whose licence is AGPL-3.0. Default: none.',
      zh: 'imgly：背景不是纯色时，用模型抠出卡片中的物体。需要安装 @imgly/background-removal-node（许可证 AGPL-3.0）。默认不使用。',
    },
  },
  {
    name: 'HOLODECK_LABEL_PRODUCER',
    meaning: {
      en: 'Who is named as ContentProducer in the AIGC block (GB 45438-2025) of cards, contact sheets and other derived pictures: a name or a code. Default: no block is written.',
      zh: '在卡片、总览图等派生图片的 AIGC 标识（GB 45438-2025）中写作 ContentProducer 的名称或编码。默认不写该标识。',
    },
  },
  {
    name: 'HOLODECK_JUDGE_URL',
    meaning: {
      en: "Base of a chat endpoint of OpenAI's form that sees pictures, such as https://api.openai.com/v1: it judges what each card shows, at its price. Default: nothing is judged.",
      zh: '能看图的 OpenAI 兼容聊天接口的基础地址，如 https://api.openai.com/v1：由它评审每张卡片的内容，按其价格计费。默认不评审。',
    },
  },
  {
    name: 'HOLODECK_JUDGE_MODEL',
    meaning: { en: 'The model that judges. Needed with the URL.', zh: '用于评审的模型。设置地址后必填。' },
  },
  {
    name: 'HOLODECK_JUDGE_KEY',
    meaning: { en: 'The key of that endpoint, if it wants one.', zh: '该接口的密钥（如需要）。' },
    secret: true,
  },
  {
    name: 'HOLODECK_DEBUG',
    meaning: {
      en: 'Any value: the command line shows where an unexpected error came from.',
      zh: '任意值：命令行显示意外错误的来源。',
    },
  },
];
