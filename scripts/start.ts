/**
 * `pnpm start`: makes a sample scene with the real command line, always on the Hunyuan emulator. `--live` uses the configured
 * services, after it shows the plan and asks (`--yes` answers).
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { builtinDefinitions, generalVariables } from '@holodeck/hybrid/registry';

import { chooseLanguage } from '../apps/cli/src/messages/language.ts';
// Not from the package: the emulators of the other services would load too.
import { startHunyuanEmulator } from '../packages/emulators/src/hunyuan/hunyuan-emulator.ts';
import { paintPicture } from '../packages/emulators/src/pictures/paint-picture.ts';
import { confirm } from './support/confirm.ts';
import { root } from './support/run-command.ts';

const sceneText = '雨夜的面馆：巷子深处的一间小面馆，暖黄的灯光，窗外下着雨';
const objects = [
  '木桌: 一张被岁月磨亮的方木桌',
  '汤锅: 一口冒着热气的大铜汤锅',
  '灯笼: 一盏写意的红纸灯笼',
  '面碗: 一只青花瓷面碗，里面盛满汤面',
  'stool: an old round wooden stool',
];

const english = {
  usage: `pnpm start [options]

  --live          use the configured services (.env or environment), after showing the plan and asking
  --yes, -y       do not ask
  --out <folder>  where the session is kept; default output
  --help, -h`,
  onEmulator: `Sample scene on the EMULATOR of Tencent Hunyuan: no key, no network, no cost. Its images say so.
The sum at the end is what the real service would take.
Real images: fill in .env (see .env.example), then run start with --live.\n`,
  onServices: 'Sample scene on the configured services.\n',
  question: '\nMake these images and pay for them?',
  noTerminal: 'No terminal to ask on: pass --yes.',
  nothingSent: 'Nothing was sent.',
};

const chinese: typeof english = {
  usage: `pnpm start [选项]

  --live          使用已配置的服务（.env 或环境变量），先显示计划并询问
  --yes, -y       不询问
  --out <目录>    会话的存放目录；默认 output
  --help, -h`,
  onEmulator: `在腾讯混元的模拟器上生成示例场景：不需要密钥和网络，不产生费用。图片上有标注。
末尾的金额是真实服务会收取的费用。
要生成真实图片：填写 .env（见 .env.example），然后加 --live 运行。\n`,
  onServices: '在已配置的服务上生成示例场景。\n',
  question: '\n生成这些图片并付费吗？',
  noTerminal: '没有可以询问的终端：请加 --yes。',
  nothingSent: '没有发送任何请求。',
};

const words = chooseLanguage([], process.env) === 'zh' ? chinese : english;
const options = readOptions();
const output = resolve(options.out);

/** Ends the process after the help, or with 2 after a mistake. */
function readOptions(): { readonly live: boolean; readonly yes: boolean; readonly out: string } {
  const values = parsed();
  if (!values.help) return values;
  console.log(words.usage);
  return process.exit(0);
}

function parsed(): { readonly live: boolean; readonly yes: boolean; readonly out: string; readonly help: boolean } {
  const output = { type: 'string', default: join(root, 'output') } as const;
  const off = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ options: { live: off, yes: { ...off, short: 'y' }, out: output, help: { ...off, short: 'h' } } })
      .values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${words.usage}`);
    return process.exit(2);
  }
}

/** Runs the command line from the sources and shows its output; resolves with its exit code. */
function holodeck(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const command = ['--conditions=@holodeck/source', join(root, 'apps', 'cli', 'src', 'main.ts'), ...args];
  const child = spawn(process.execPath, command, { stdio: 'inherit', env: environment, cwd: root });
  // The child handles Ctrl-C: it drains, and this process ends after it.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

/** The caller's environment without anything that could reach or pay a real service. */
async function emulatorEnvironment(emulator: {
  url: string;
  credentials: { secretId: string; secretKey: string };
}): Promise<NodeJS.ProcessEnv> {
  const variables = [...generalVariables, ...(await builtinDefinitions()).flatMap((backend) => backend.variables)];
  const ours = new Set(variables.map(({ name }) => name));
  const kept = Object.entries(process.env).filter(([name]) => !ours.has(name));
  return {
    ...Object.fromEntries(kept),
    HUNYUAN_ENDPOINT: emulator.url,
    HUNYUAN_SECRET_ID: emulator.credentials.secretId,
    HUNYUAN_SECRET_KEY: emulator.credentials.secretKey,
  };
}

function sceneArguments(session: string): string[] {
  return [
    'scene',
    sceneText,
    '--session',
    session,
    '--out',
    output,
    ...objects.flatMap((object) => ['--object', object]),
  ];
}

async function startOnEmulator(): Promise<number> {
  // Its jobs run one at a time, as the service's do: whoever tries this out should not wait for each.
  const emulator = await startHunyuanEmulator({ jobMs: 100 });
  try {
    console.log(words.onEmulator);
    // A new session for each start, so there is something to see.
    const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
    const [exitCode] = await Promise.all([
      holodeck([...sceneArguments(`sample-${stamp}`), '--no-dotenv'], await emulatorEnvironment(emulator)),
      // What paints loads with the first picture: here while the command line starts, not while it waits for its scene.
      paintPicture({ painter: 'hunyuan', prompt: '', seed: 1, width: 1, height: 1 }),
    ]);
    return exitCode;
  } finally {
    await emulator.close();
  }
}

async function startLive(): Promise<number> {
  console.log(words.onServices);
  const args = sceneArguments('sample-live');
  const planned = await holodeck([...args, '--dry-run'], process.env);
  if (planned !== 0) return planned;
  if (!(await confirm(words.question, options.yes, words.noTerminal))) {
    console.log(words.nothingSent);
    return 0;
  }
  return holodeck(args, process.env);
}

process.exitCode = options.live ? await startLive() : await startOnEmulator();
