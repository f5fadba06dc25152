import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ExpectStatic } from 'vitest';

import { examples } from '../../apps/cli/src/examples.ts';
import { englishSentencesOf } from './support/english-sentences.ts';
import { openWorkspace } from './support/holodeck.ts';
import type { FinishedRun, Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
  mkdirSync(join(workspace.folder, 'folder'));
  const tasks = [
    { prompt: '青花瓷茶壶', out: 'a.png' },
    { prompt: '青花瓷茶壶', out: 'a.png' },
    { promt: 'x' },
    { seed: 1 },
  ];
  writeFileSync(join(workspace.folder, 'tasks.jsonl'), tasks.map((task) => JSON.stringify(task)).join('\n'));
  writeFileSync(join(workspace.folder, 'objects.json'), '[{"name": "灯"}]');
  writeFileSync(join(workspace.folder, 'faults.json'), '5');
});
afterAll(() => workspace.close());

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<FinishedRun> {
  return workspace.quickRun(args, { LANG: 'zh_CN.UTF-8', ...env });
}

/** Checks that all of our own output of a run is Chinese. */
function expectChinese({ stdout, stderr }: FinishedRun, { soft }: Pick<ExpectStatic, 'soft'> = expect): void {
  soft(englishSentencesOf(stdout)).toEqual([]);
  soft(englishSentencesOf(stderr)).toEqual([]);
  soft(stderr).not.toMatch(/error:|warning:|Did you mean/);
  soft(stdout + stderr).toMatch(/\p{Script=Han}/u);
  soft(halfWidthColonsOf(stdout + stderr)).toEqual([]);
}

/** Chinese lines with a colon that is not Chinese; quotations and commands of examples keep their punctuation. */
function halfWidthColonsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => !/^ {2}\$ |^export /.test(line))
    .map((line) => line.replaceAll(/"[^"]*"(?:: )?/g, ''))
    .filter((line) => /\p{Script=Han}/u.test(line) && /: /.test(line));
}

const commands = Object.keys(examples).map((name) => name.split(' ').filter(Boolean));

it.for(commands.map((path) => [path.join(' '), path] as const))(
  'the help of "%s" is Chinese, with examples',
  async ([_name, path], { expect }) => {
    const help = await run([...path, '--help']);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toMatch(/^用法： holodeck-image/);
    expect(help.stdout).toContain('选项：');
    expect(help.stdout).toMatch(/示例：\n {2}# .+\n {2}\$ holodeck-image /);
    expectChinese(help, expect);
  },
);

it('a scene speaks Chinese from its plan to its release', async () => {
  const scene = [
    'scene',
    '一间堆满旧书的阁楼书房',
    '--object',
    '书架: 高大的橡木书架',
    '--session',
    'attic',
    '--style',
    '水彩',
  ];
  const plan = await run([...scene, '--dry-run']);
  expect(plan.stdout).toMatch(/^后端：hunyuan（.*），.*(?:接受此密钥|可能只是较慢)/);
  expect(plan.stdout).toContain('需要生成的图片：2 张。预计费用：约 0.4 CNY。没有发送任何请求。');
  expectChinese(plan);
  const made = await run(scene);
  expect(made.exitCode).toBe(0);
  expect(made.stderr).toMatch(/scene-reference：完成，1024x1024，用时 \d+\.\d 秒/);
  expect(made.stderr).toMatch(/新生成 2\n图片：.*attic\n清单：.*manifest\.json/);
  expectChinese(made);
  const again = await run(scene);
  expect(again.stderr).toContain('新生成 0，已存在或已付费 2');
  expectChinese(again);
  const shown = await run(['sessions', 'show', 'attic']);
  expect(shown.stdout).toMatch(/^attic：已锁定，后端 hunyuan（.*），第 \d 轮/);
  expect(shown.stdout).toContain('card/书架：有效');
  expectChinese(shown);
  expectChinese(await run(['sessions']));
  const missed = await run(['resume', 'atic']);
  expect(missed.stderr).toMatch(/这里没有会话 atic。.*\n\(你是不是要找 attic？\)/);
  const refused = await run(['sessions', 'release', 'attic']);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toMatch(/^错误：会话 attic 有 2 张图片，由 hunyuan 生成。.*--discard-assets/);
  expectChinese(refused);
  const released = await run(['sessions', 'release', 'attic', '--discard-assets']);
  expect(released.stdout).toContain('attic：空闲');
});

it('generate, jobs and resume speak Chinese', async () => {
  const made = await run(['generate', '青花瓷茶壶']);
  expect(made.stderr).toMatch(/使用 hunyuan（.*）。\n.*：已受理\n.*：完成，/);
  expectChinese(made);
  workspace.emulator.setFaults([
    { kind: 'refuse', code: 'OperationDenied.TextIllegalDetected', message: '文本违规', operation: 'submit', times: 1 },
  ]);
  const failed = await run(['generate', '另一个茶壶']);
  expect(failed.exitCode).toBe(1);
  expect(failed.stderr).toMatch(
    /错误：.*返回 OperationDenied\.TextIllegalDetected：文本违规。未通过服务的内容审核.*内容审核；rejected/,
  );
  expectChinese(failed);
  const jobs = await run(['jobs']);
  expect(jobs.stdout).toMatch(/^被拒绝 {5}另一个茶壶/);
  expect(jobs.stderr).toContain('1 个被拒绝：被服务拒绝，没有付费');
  expectChinese(jobs);
  expectChinese(await run(['resume']));
});

it('a batch reports its wrong lines in Chinese', async () => {
  const batch = await run(['batch', 'tasks.jsonl', '--out', 'batch']);
  expect(batch.exitCode).toBe(1);
  expect(batch.stderr).toContain('tasks.jsonl 第 2 行：前面已有相同的一行');
  expect(batch.stderr).toContain('错误：tasks.jsonl 第 3 行："promt" 不是已知的键。你是不是要找 "prompt"？');
  expect(batch.stderr).toContain('错误：tasks.jsonl 第 4 行：没有 "prompt"');
  expect(batch.stderr).toContain('新生成 1，失败 2');
  expectChinese(batch);
});

it('an emulator speaks Chinese, and you can still paste its lines', async () => {
  const running = workspace.start(['emulate', 'hunyuan'], { env: { LANG: 'zh_CN.UTF-8' } });
  await running.seen('按 Ctrl-C 结束');
  running.child.kill('SIGINT');
  const end = await running.finished;
  expect(end.stdout).toMatch(/^# hunyuan：这是模拟器.*\nexport HUNYUAN_ENDPOINT=http/);
  expectChinese(end);
});

const unset = { HUNYUAN_SECRET_ID: undefined, HUNYUAN_SECRET_KEY: undefined };
it.for([
  [['genrate'], 2, /未知命令 'genrate'\n\(你是不是要找 generate？\)/],
  [['generate', 'a', '--sede', '1'], 2, /未知选项 '--sede'\n\(你是不是要找 --seed？\)/],
  [
    ['generate', 'a', '--backend', 'hunyaun'],
    2,
    /选项 '--backend <name>' 的值 'hunyaun' 无效。可选：.*\n\(你是不是要找 hunyuan？\)/,
  ],
  [['jobs', 'forgt', 'x'], 2, /^错误：未知命令 'forgt'\n\(你是不是要找 forget？\)/],
  [['generate'], 2, /缺少必需的参数 'prompt'/],
  [['generate', 'a', '--seed'], 2, /选项 '--seed <integer>' 缺少值/],
  [['generate', 'a', '--seed', '1.5'], 2, /必须是不小于 0 的整数/],
  [['generate', 'a', '--size', 'big'], 2, /必须是 <宽>x<高>/],
  [['generate', '  '], 2, /提示词为空/],
  [['generate', '猫'.repeat(8193)], 2, /提示词有 8193 个字符；hunyuan 最多接受 8192 个/],
  [['generate', 'a', '--count', '9'], 2, /一次提交要求 9 张图片/],
  [['generate', 'a', '--ref', 'none.png'], 2, /无法读取参考图 none\.png/],
  [['generate', 'a', '--dotenv', 'none.env'], 2, /无法读取环境文件 none\.env/],
  [['batch', 'none.jsonl'], 2, /无法读取批量文件 none\.jsonl/],
  [['scene', 'a', '--object', ':x'], 2, /必须是 "名称: 描述"/],
  [['scene', 'a', '--objects', 'objects.json'], 2, /objects\.json，第 1 个物体：缺少 "description"/],
  [['jobs', '--out', 'nowhere'], 2, /没有目录 nowhere/],
  [['jobs', 'forget', 'nothing', '--out', 'folder'], 2, /这里没有任务 "nothing"/],
  [['emulate', 'hunyuan', '--faults', 'faults.json'], 2, /必须是列表或对象/],
  [['card', 'none.png'], 2, /无法读取图片 none\.png/],
  [['card', 'folder'], 2, /folder 不是文件/],
  [['queue'], 2, /请指明队列的位置/],
] as const)('%j is refused in Chinese', async ([args, exitCode, message], { expect }) => {
  const refused = await run(args);
  expect(refused.stderr).toMatch(message);
  expect(refused.exitCode).toBe(exitCode);
  expectChinese(refused, expect);
});

it('says in Chinese that nothing is configured', async () => {
  for (const args of [['generate', 'a'], ['scene', 'a'], ['doctor']]) {
    const refused = await run(args, unset);
    expect(refused.exitCode).toBe(3);
    expect(refused.stdout + refused.stderr).toMatch(
      /未设置 HUNYUAN_SECRET_ID[^]*未设置 OPENAI_API_KEY[^]*未设置 COMFYUI_URL/,
    );
    expectChinese(refused);
  }
});

it('--lang overrides the locale, and a wrong one is refused', async () => {
  const english = await run(['generate', '--lang', 'en']);
  expect(english.stderr).toContain("error: missing required argument 'prompt'");
  const chinese = await run(['--lang', 'zh', 'generate'], { LANG: 'C' });
  expect(chinese.stderr).toContain('缺少必需的参数');
  const wrong = await run(['doctor', '--lang', 'fr'], { LANG: 'C' });
  expect(wrong).toMatchObject({ exitCode: 2 });
  expect(wrong.stderr).toContain('Allowed: en, zh.');
});

it('keys, codes and states of JSON are the same in every language', async () => {
  const run = async (args: readonly string[], lang: string) =>
    (await workspace.quickRun([...args, '--json', '--lang', lang])).json();
  expect(await run(['sessions'], 'zh')).toEqual(await run(['sessions'], 'en'));
  const [english, chinese] = [await run(['doctor'], 'en'), await run(['doctor'], 'zh')];
  const codesOf = (findings: typeof english) =>
    findings.map(({ backend, status, route, errorKind }) => ({ backend, status, route, errorKind }));
  expect(codesOf(chinese)).toEqual(codesOf(english));
  expect(english[0]).toEqual(chinese[0]);
  expect(english[1]).toMatchObject({ backend: 'hunyuan', status: 'ready', route: { way: 'loopback' } });
});
