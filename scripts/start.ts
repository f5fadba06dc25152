/**
 * `pnpm start`: a sample scene, made by the real command line. On the Hunyuan emulator, always; `--live` uses the configured
 * services after showing the plan and asking (`--yes` answers).
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { startHunyuanEmulator } from '@holodeck/emulators';

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

const { values: options } = parseArgs({
  options: {
    live: { type: 'boolean', default: false },
    yes: { type: 'boolean', short: 'y', default: false },
    out: { type: 'string', default: join(root, 'output') },
  },
});
const output = resolve(options.out);

/** Runs the command line from the sources, its output shown; resolves with its exit code. */
function holodeck(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const command = ['--conditions=@holodeck/source', join(root, 'apps', 'cli', 'src', 'main.ts'), ...args];
  const child = spawn(process.execPath, command, { stdio: 'inherit', env: environment, cwd: root });
  // Ctrl-C is for the child: it drains, and this process ends after it.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** The caller's environment without anything that could reach, or pay, a real service. */
function emulatorEnvironment(emulator: {
  url: string;
  credentials: { secretId: string; secretKey: string };
}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(HUNYUAN|TENCENTCLOUD|OPENAI|COMFYUI|HOLODECK)_/.test(name),
  );
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
  const emulator = await startHunyuanEmulator({ jobMs: 400 });
  try {
    console.log('Sample scene on the EMULATOR of Tencent Hunyuan: no key, no network, no cost. Its images say so.');
    console.log('Real images: fill in .env (see .env.example), then run start with --live.\n');
    // A session of its own for each start, so that something is to be seen.
    const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
    return await holodeck([...sceneArguments(`sample-${stamp}`), '--no-dotenv'], emulatorEnvironment(emulator));
  } finally {
    await emulator.close();
  }
}

async function startLive(): Promise<number> {
  console.log('Sample scene on the configured services.\n');
  const args = sceneArguments('sample-live');
  const planned = await holodeck([...args, '--dry-run'], process.env);
  if (planned !== 0) return planned;
  if (!(await confirm('\nMake these images and pay for them?', options.yes))) {
    console.log('Nothing was sent.');
    return 0;
  }
  return holodeck(args, process.env);
}

process.exitCode = options.live ? await startLive() : await startOnEmulator();
