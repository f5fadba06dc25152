/**
 * Follows README.md and docs/guides/first-steps.md to the letter, like a reader without keys: in an empty folder, every command as
 * printed. Clones the last commit of this repository, and ends with one line of JSON: what was made, and the emulators'
 * ledgers. Fails if a command fails or something is missing.
 *
 *   node scripts/follow-readme.ts [README.zh-CN.md]
 */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { codeBlocksOf } from './support/readme-blocks.ts';
import type { CodeBlock } from './support/readme-blocks.ts';
import { root } from './support/run-command.ts';
import { freshEnvironment, startCommands } from './support/terminal.ts';
import type { TerminalEnd, TerminalRun } from './support/terminal.ts';

const readme = process.argv[2] ?? 'README.md';
// The first steps go on where the README ends.
const pages = [readme, join('docs', 'guides', readme.replace('README', 'first-steps'))];
const blocks = pages.flatMap((page) => codeBlocksOf(readFileSync(join(root, page), 'utf8')));
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string };
const folder = mkdtempSync(join(tmpdir(), 'holodeck-readme-'));
const repository = join(folder, 'holodeck-image');
const environment = {
  ...freshEnvironment(join(folder, 'state')),
  // The local folder that is cloned may belong to another user.
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
};

/** What each terminal runs first: `pnpm` as a shell function, later its folder on the path. */
let preparation = '';
/** The lines that the emulators print and the reader pastes. */
let pasted = '';
let emulators: TerminalRun | undefined;

function block(what: string, matches: (candidate: CodeBlock) => boolean): CodeBlock {
  const found = blocks.find(matches);
  if (found === undefined) throw new Error(`${readme} no longer has a block of code ${what}.`);
  return found;
}

const shellBlock = (what: string, part: string): CodeBlock =>
  block(what, ({ language, code }) => language === 'sh' && code.includes(part));

function start(commands: string): TerminalRun {
  console.log(commands.replace(/^/gm, '$ ').trimEnd());
  const cwd = existsSync(repository) ? repository : folder;
  return startCommands(`${preparation}\n${pasted}\n${commands}`, cwd, environment);
}

async function follow(commands: string): Promise<TerminalEnd> {
  const end = await start(commands).end;
  if (end.exitCode !== 0) throw new Error(`These commands of ${readme} ended with ${end.exitCode}:\n${commands}`);
  return end;
}

function demand(condition: boolean, what: string): void {
  if (!condition) throw new Error(`After following ${readme}, ${what}.`);
}

const made = (...path: readonly string[]): boolean => existsSync(join(repository, 'output', ...path));

/** "Quick start": clones, installs, and makes a sample scene. */
async function quickStart(): Promise<string> {
  const { code } = shellBlock('that clones', 'git clone <this repository>');
  await follow(code.replace('<this repository>', `'${root}'`));
  const [session = ''] = readdirSync(join(repository, 'output')).filter((name) => name.startsWith('sample-'));
  demand(made(session, 'manifest.json') && made(session, 'scene-ref.png'), 'there is no sample session');
  return session;
}

/** A reader without a global pnpm goes on as one who has it: `npx` takes longer than most commands. */
async function installPnpm(): Promise<void> {
  const { stdout } = await follow(`npx --yes --package ${packageManager} -c 'command -v pnpm'`);
  preparation = `export PATH="${dirname(stdout.trim())}:$PATH"`;
}

/** "Start the emulators in one terminal": they run until `stopEmulators`. */
async function startEmulators(): Promise<void> {
  emulators = start(shellBlock('that starts emulators', 'holodeck emulate').code);
  await emulators.printed(/Emulators run until Ctrl-C/);
  // It comes on the other stream, possibly later.
  await emulators.printed(/^export COMFYUI_URL=\S+\n/m);
}

/** "Paste those lines." */
function paste(printed: string): void {
  pasted = [...printed.matchAll(/^export \w+=\S+$/gm)].map(([line]) => line).join('\n');
  demand(
    /HUNYUAN/.test(pasted) && /OPENAI/.test(pasted) && /COMFYUI/.test(pasted),
    'an emulator did not say where it is',
  );
}

/** "One image with each backend, and a session." */
async function makeImages(): Promise<readonly string[]> {
  const { code } = shellBlock('that makes an image with each backend', '--backend openai');
  const { stdout } = await follow(code);
  const images = [...code.matchAll(/--backend (\w+) .*--out output\/(\S+)/g)];
  demand(images.map(([, backend]) => backend).join() === 'hunyuan,openai,comfyui', 'a backend was left out');
  for (const [, backend, file = ''] of images) demand(made(file), `${backend} has made no image`);
  const session = /output\/([^/\s]+)\/cards\//.exec(stdout)?.[1] ?? '';
  demand(made(session, 'manifest.json'), 'there is no session');
  // "It finds its images and sends nothing": the ledgers at the end prove it.
  await follow(code);
  return images.map(([, , file = '']) => file);
}

/** "Save this as tasks.jsonl. Stop it with Ctrl-C and run it again." */
async function interruptAndResumeBatch(): Promise<{ readonly first: number; readonly all: number }> {
  const tasks = block('with tasks', ({ language }) => language === 'jsonl').code;
  writeFileSync(join(repository, 'tasks.jsonl'), tasks);
  const { code, after } = shellBlock('that runs a batch', 'holodeck batch tasks.jsonl');
  demand(/Ctrl-C/.test(after), 'nothing is said about interrupting a batch');
  const interrupted = start(code);
  await interrupted.printed(/"success":true/);
  interrupted.interrupt();
  const { exitCode, stdout } = await interrupted.end;
  demand(exitCode === 130, `the interrupted batch ended with ${exitCode} instead of 130`);
  await follow(code);
  const files = [...tasks.matchAll(/"out": "([^"]+)"/g)].map(([, file = '']) => file);
  for (const file of files) demand(made('batch', file), `the resumed batch has made no ${file}`);
  const first = stdout.split('\n').filter((line) => line.includes('"success":true')).length;
  demand(first < files.length, 'the batch was over before it was interrupted');
  return { first, all: files.length };
}

/** "Copy .env.example to .env, fill it in": with the emulators' values instead of keys. */
async function checkOwnKeys(): Promise<void> {
  const { code } = shellBlock('for own keys', 'start --live');
  copyFileSync(join(repository, '.env.example'), join(repository, '.env'));
  const file = join(repository, '.env');
  let text = readFileSync(file, 'utf8');
  for (const [, name = '', value = ''] of pasted.matchAll(/^export (\w+)=(\S+)$/gm)) {
    demand(text.includes(`\n${name}=\n`), `.env.example has no ${name}`);
    text = text.replace(`\n${name}=\n`, () => `\n${name}=${value}\n`);
  }
  writeFileSync(file, text);
  const variables = pasted;
  pasted = '';
  const { stdout, stderr } = await follow(code);
  pasted = variables;
  demand(/Nothing was sent/.test(stdout + stderr), 'start --live did not ask before it paid');
}

/** Ctrl-C in the emulators' terminal; they print their ledgers. */
async function stopEmulators(): Promise<Record<string, unknown>> {
  emulators?.interrupt();
  const stdout = (await emulators?.end)?.stdout ?? '';
  const bookings = [...stdout.matchAll(/^# (\w+) emulator's ledger: (.*)$/gm)];
  return Object.fromEntries(
    bookings.map(([, name = '', text = '{}']) => {
      const { accepted, billed, maxConcurrent } = JSON.parse(text) as Record<string, unknown>;
      return [name, { accepted, billed, maxConcurrent }];
    }),
  );
}

try {
  const session = await quickStart();
  preparation = shellBlock('that stands in for pnpm', 'pnpm() {').code;
  await startEmulators();
  paste(emulators?.stdout() ?? '');
  await checkOwnKeys();
  await installPnpm();
  const images = await makeImages();
  const batch = await interruptAndResumeBatch();
  const ledgers = await stopEmulators();
  console.log(JSON.stringify({ session, images, batch, ledgers }));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  emulators?.interrupt();
  await emulators?.end;
  rmSync(folder, { recursive: true, force: true });
}
