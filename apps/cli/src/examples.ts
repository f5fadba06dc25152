import type { Language } from './messages/language.ts';

/** A command line that `--help` shows, and what it does. */
export interface Example {
  /** Without the name of the program. */
  readonly command: string;
  readonly does: Readonly<Record<Language, string>>;
}

const attic = '"一间堆满旧书的阁楼书房"';

/** Examples of each command, by its full name; an empty name stands for the program. A test runs all of them. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  '': [
    { command: 'doctor', does: { en: 'what is configured, and does it answer?', zh: '配置了什么，是否可用？' } },
    { command: 'generate "a copper kettle" --out kettle.png', does: { en: 'one image', zh: '一张图片' } },
  ],
  doctor: [
    {
      command: 'doctor --json',
      does: { en: 'for a script: one object a backend', zh: '供脚本使用：每个后端一个对象' },
    },
  ],
  generate: [
    { command: 'generate "雨夜的面馆" --size 1280x720', does: { en: 'into output/', zh: '存到 output/' } },
    {
      command: 'generate "a copper kettle" --seed 7 --out images/kettle-7.png',
      does: { en: 'the same picture again, into a file', zh: '固定种子，存为指定文件' },
    },
    {
      command: 'generate "a red kettle" --backend comfyui --checkpoint sd_xl_base_1.0 --lora detail:0.8',
      does: { en: 'a model and a LoRA of your ComfyUI', zh: '指定 ComfyUI 的模型和 LoRA' },
    },
    {
      command: 'generate "a blue kettle" --backend comfyui --workflow own.json --input 5.steps=30',
      does: { en: 'your own workflow of ComfyUI', zh: '使用自己的 ComfyUI 工作流' },
    },
  ],
  batch: [
    { command: 'batch tasks.jsonl --out images', does: { en: 'run it again to continue', zh: '再次运行即可继续' } },
    {
      command: 'batch tasks.jsonl --out images --concurrency auto --json',
      does: { en: 'find the limit of the account', zh: '自动探测账号的并发上限' },
    },
    {
      command: 'batch tasks.jsonl --backend openai --economy --no-wait',
      does: { en: 'half the price; resume fetches them', zh: '半价；之后用 resume 取回' },
    },
  ],
  scene: [
    {
      command: `scene ${attic} --object "书架: 高大的橡木书架" --object "lamp: brass desk lamp"`,
      does: { en: 'a reference and two cards', zh: '一张参考图和两张物体卡' },
    },
    {
      command: `scene ${attic} --object lamp --backend openai --economy`,
      does: { en: 'cards at half the price', zh: '物体卡半价' },
    },
    { command: `scene ${attic} --dry-run`, does: { en: 'what would be sent, and its cost', zh: '会发送什么、花多少' } },
  ],
  card: [
    { command: 'card lamp.png', does: { en: 'writes lamp.card.png, cut out', zh: '抠出物体，写到 lamp.card.png' } },
    { command: 'card lamp.png --no-normalise --json', does: { en: 'only what was measured', zh: '只输出检查结果' } },
  ],
  resume: [
    {
      command: 'resume --out output',
      does: { en: 'everything paid for in this folder', zh: '取回此目录中已付费的全部' },
    },
  ],
  jobs: [{ command: 'jobs list --all', does: { en: 'what is done, too', zh: '也列出已完成的' } }],
  'jobs list': [{ command: 'jobs list --out output --json', does: { en: 'one object a line', zh: '每行一个对象' } }],
  'jobs forget': [
    { command: 'jobs forget kettle', does: { en: 'the beginning of an id is enough', zh: 'id 的开头即可' } },
  ],
  'jobs cancel': [
    { command: 'jobs cancel batch_68d0', does: { en: 'the beginning of its id is enough', zh: 'id 的开头即可' } },
  ],
  'jobs prune': [
    { command: 'jobs prune --older 90d', does: { en: 'a quarter of a year is kept', zh: '保留最近 90 天的' } },
  ],
  'jobs pay-again': [
    { command: 'jobs pay-again kettle', does: { en: 'after a look at the console', zh: '先查看服务的控制台' } },
  ],
  sessions: [{ command: 'sessions list', does: { en: 'all sessions of output/', zh: 'output/ 中的全部会话' } }],
  'sessions list': [
    { command: 'sessions list --out output', does: { en: 'all sessions of a folder', zh: '目录中的全部会话' } },
  ],
  'sessions show': [
    { command: 'sessions show attic', does: { en: 'lock and images of one', zh: '一个会话的锁和图片' } },
  ],
  'sessions release': [
    {
      command: 'sessions release attic --discard-assets',
      does: { en: 'start over on any backend', zh: '放弃图片，换后端重来' },
    },
  ],
  'sessions relock': [
    {
      command: 'sessions relock attic --backend hunyuan --discard-assets',
      does: { en: 'start over on this backend', zh: '放弃图片，用指定后端重来' },
    },
  ],
  worker: [
    {
      command: 'worker --queue redis://127.0.0.1:6379/0 --out /mnt/images',
      does: { en: 'on each machine', zh: '在每台机器上运行' },
    },
  ],
  queue: [
    {
      command: 'queue status --queue redis://127.0.0.1:6379/0',
      does: { en: 'what waits and runs', zh: '等待和运行情况' },
    },
  ],
  'queue status': [
    {
      command: 'queue status --queue redis://127.0.0.1:6379/0',
      does: { en: 'what waits and runs', zh: '等待和运行情况' },
    },
  ],
  cache: [{ command: 'cache', does: { en: 'how full it is', zh: '占用情况' } }],
  'cache status': [{ command: 'cache status --json', does: { en: 'for a script', zh: '供脚本使用' } }],
  'cache path': [{ command: 'cache path', does: { en: 'where it lies', zh: '所在目录' } }],
  'cache clear': [{ command: 'cache clear', does: { en: 'free the space', zh: '释放空间' } }],
  keys: [{ command: 'keys add studio --keys keys.json', does: { en: 'prints the key once', zh: '只显示一次密钥' } }],
  'keys add': [
    {
      command: 'keys add workshop --keys keys.json --max-cost 20CNY --backend hunyuan',
      does: { en: 'prints the key once', zh: '只显示一次密钥' },
    },
  ],
  'keys list': [{ command: 'keys list --keys keys.json', does: { en: 'names and limits', zh: '名称和限制' } }],
  'keys revoke': [
    { command: 'keys revoke studio --keys keys.json', does: { en: 'refuse it from now on', zh: '从此拒绝' } },
  ],
  serve: [
    { command: 'serve --port 8787', does: { en: 'for programs on this machine', zh: '供本机程序使用' } },
    {
      command: 'serve --host 0.0.0.0 --port 8787 --keys keys.json',
      does: { en: 'for other machines, with keys', zh: '供其他机器使用，需要密钥' },
    },
  ],
  mcp: [{ command: 'mcp --max-cost 2', does: { en: 'for an agent, which starts it by itself', zh: '供智能体启动' } }],
  emulate: [
    { command: 'emulate hunyuan --port 8700', does: { en: 'prints the variables to set', zh: '打印需要设置的变量' } },
    { command: 'emulate --job-ms 100', does: { en: 'all services, fast jobs', zh: '全部服务，任务很快完成' } },
  ],
  completion: [
    {
      command: 'completion bash',
      does: {
        en: 'bash: eval "$(holodeck-image completion bash)"',
        zh: 'bash：eval "$(holodeck-image completion bash)"',
      },
    },
    {
      command: 'completion zsh',
      does: { en: 'zsh: eval "$(holodeck-image completion zsh)"', zh: 'zsh：eval "$(holodeck-image completion zsh)"' },
    },
    {
      command: 'completion fish',
      does: {
        en: 'fish: holodeck-image completion fish | source',
        zh: 'fish：holodeck-image completion fish | source',
      },
    },
  ],
};
