import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkspace } from '../cli/support/holodeck.ts';
import type { Workspace } from '../cli/support/holodeck.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.close());

const tasks = [1, 2, 3].map((seed) => JSON.stringify({ prompt: 'x', seed, out: `${seed}.png` })).join('\n');
const visible = (): readonly string[] => readdirSync(workspace.folder).filter((name) => !name.startsWith('.'));

describe('--dry-run sends nothing, writes nothing and ends with 0', () => {
  it('generate', async () => {
    const plan = await workspace.quickRun(['generate', '雨夜的面馆', '--dry-run', '--json']);
    expect(plan.exitCode).toBe(0);
    expect(plan.json()).toMatchObject([
      { action: 'submit', backend: 'hunyuan', cost: { paidSubmissions: 1, amount: 0.2, currency: 'CNY' } },
      { submissions: 1, estimatedCost: [{ amount: 0.2, currency: 'CNY' }] },
    ]);
    expect(visible()).toEqual([]);
    const text = await workspace.quickRun(['generate', '雨夜的面馆', '--dry-run']);
    expect(text.stdout).toContain('send to hunyuan (hunyuan-image-3.0), about 0.2 CNY');
    expect(text.stdout).toContain('Submissions to pay for: 1. Estimated cost: about 0.2 CNY. Nothing was sent.');
    expect(workspace.emulator.ledger.submissions).toBe(0);
  });

  it('generate of an existing image, and of one that would be refused', async () => {
    await workspace.quickRun(['generate', 'x', '--out', 'x.png']);
    const there = await workspace.quickRun(['generate', 'x', '--out', 'x.png', '--dry-run', '--json']);
    expect(there.json()[0]).toMatchObject({ action: 'present', cost: { paidSubmissions: 0 } });
    const refused = await workspace.quickRun(['generate', 'x', '--size', '10x10', '--dry-run', '--json']);
    expect(refused.exitCode).toBe(2);
    expect(refused.json()[0]).toMatchObject({ action: 'refuse', error: { kind: 'invalid-request' } });
    expect(workspace.emulator.ledger.submissions).toBe(1);
  });

  it('batch', async () => {
    const plan = await workspace.run(['batch', '-', '--dry-run', '--max-cost', '0.5', '--json'], { input: tasks });
    expect(plan.exitCode).toBe(0);
    expect(plan.json()).toHaveLength(4);
    expect(plan.json().at(-1)).toEqual({ submissions: 3, estimatedCost: [{ amount: 0.6, currency: 'CNY' }] });
    expect(plan.stderr).toContain('0.6 CNY is more than --max-cost allows (0.5)');
    expect(visible()).toEqual([]);
    const broken = await workspace.run(['batch', '-', '--dry-run'], { input: '{"prompt": 1}\n' });
    expect(broken.exitCode).toBe(1);
    expect(workspace.emulator.ledger.submissions).toBe(0);
  });

  it('scene, with the user’s prices', async () => {
    writeFileSync(join(workspace.folder, 'prices.json'), '{"hunyuan": {"perImage": 1.5, "currency": "EUR"}}');
    const plan = await workspace.quickRun([
      'scene',
      'x',
      '--object',
      'a: b',
      '--dry-run',
      '--prices',
      'prices.json',
      '--json',
    ]);
    expect(plan.json().at(-1)).toEqual({ images: 2, estimatedCost: 3, currency: 'EUR' });
    expect(visible()).toEqual(['prices.json']);
  });

  it('resume', async () => {
    workspace.emulator.setFaults([{ kind: 'stall', operation: 'query' }]);
    const running = workspace.start(['generate', 'x', '--backend', 'hunyuan', '--out', 'out/x.png']);
    await running.seen('accepted');
    running.child.kill('SIGKILL');
    await running.finished;
    const before = workspace.emulator.ledger.snapshot();
    const plan = await workspace.quickRun(['resume', '--out', 'out', '--dry-run', '--json']);
    expect(plan.exitCode).toBe(0);
    expect(plan.json()).toMatchObject([
      { backend: 'hunyuan', state: 'accepted', jobId: expect.any(String) as string },
      { toFinish: 1, submissions: 0 },
    ]);
    expect(workspace.emulator.ledger.snapshot()).toEqual(before);
    workspace.emulator.setFaults([]);
    const resumed = await workspace.quickRun(['resume', '--out', 'out', '--max-cost', '0']);
    expect(resumed.exitCode).toBe(0);
    expect(existsSync(join(workspace.folder, 'out', 'x.png'))).toBe(true);
    expect(workspace.emulator.ledger.submissions).toBe(1);
  });
});

describe('--max-cost', () => {
  it('stops a batch before it is exceeded; the same command with a higher limit continues', async () => {
    const first = await workspace.run(['batch', '-', '--max-cost', '0.4CNY', '--out', 'out'], { input: tasks });
    expect(first.exitCode).toBe(1);
    expect(first.stderr).toContain('0.6 CNY, more than the allowed 0.4 CNY');
    expect(first.stderr).toContain('Paid submissions: 2, about 0.4 CNY by the price list.');
    expect(workspace.emulator.ledger.accepted).toBe(2);
    const second = await workspace.run(['batch', '-', '--max-cost', '0.4CNY', '--out', 'out'], { input: tasks });
    expect(second.exitCode).toBe(0);
    expect(second.stderr).toContain('Paid submissions: 1, about 0.2 CNY');
    expect(workspace.emulator.ledger.accepted).toBe(3);
  });

  it('refuses limits that cannot be kept', async () => {
    const other = await workspace.quickRun(['generate', 'x', '--max-cost', '2USD']);
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toContain('paid in CNY');
    for (const amount of ['much', '-1', '']) {
      expect((await workspace.quickRun(['generate', 'x', '--max-cost', amount])).exitCode).toBe(2);
    }
    const prices = await workspace.quickRun(['generate', 'x', '--prices', 'missing.json']);
    expect(prices).toMatchObject({ exitCode: 2 });
    expect(prices.stderr).toContain('missing.json cannot be read: ENOENT');
    writeFileSync(join(workspace.folder, 'bad.json'), '{"hunyuan": {"perImage": "much", "currency": "CNY"}}');
    expect((await workspace.quickRun(['generate', 'x', '--prices', 'bad.json'])).stderr).toContain('prices.hunyuan');
    const queue = await workspace.run(['batch', '-', '--queue', 'redis://127.0.0.1:1', '--cache'], {
      input: '',
    });
    expect(queue).toMatchObject({ exitCode: 2 });
    expect(queue.stderr).toContain('the workers pay');
    expect(workspace.emulator.ledger.submissions).toBe(0);
  });
});

describe('--cache', () => {
  const env = { HOLODECK_CACHE_DIR: 'kept' };

  it('pays for a seeded request once; "cache" shows and clears what is kept', async () => {
    const request = ['generate', 'x', '--seed', '7', '--cache'];
    const first = await workspace.quickRun([...request, '--out', 'a.png'], env);
    expect(first.stderr).toContain('Paid submissions: 1');
    const plan = await workspace.quickRun([...request, '--out', 'b.png', '--dry-run'], env);
    expect(plan.stdout).toContain('take from the cache');
    const second = await workspace.quickRun([...request, '--out', 'b.png', '--json'], env);
    expect(second.json()).toMatchObject([{ source: 'cache', paidAttempts: 0 }]);
    expect(workspace.emulator.ledger.submissions).toBe(1);
    const [status] = (await workspace.quickRun(['cache', '--json'], env)).json();
    expect(status).toMatchObject({ directory: join(workspace.folder, 'kept'), entries: 1, maxBytes: 1024 ** 3 });
    expect((await workspace.quickRun(['cache', 'path'], env)).stdout.trim()).toBe(join(workspace.folder, 'kept'));
    expect((await workspace.quickRun(['cache', 'clear'], env)).stdout).toContain('Removed 1 result');
    const third = await workspace.quickRun([...request, '--out', 'c.png', '--json'], env);
    expect(third.json()).toMatchObject([{ source: 'generated' }]);
    expect(existsSync(join(workspace.folder, 'b.png'))).toBe(true);
  });

  it('serves batches and scenes too', async () => {
    await workspace.run(['batch', '-', '--cache', '--out', 'one'], { env, input: tasks });
    const batch = await workspace.run(['batch', '-', '--cache', '--out', 'two'], { env, input: tasks });
    expect(batch.stderr).toContain('0 made, 3 from the cache');
    const scene = ['scene', 'an attic', '--seed', '5', '--cache'];
    await workspace.quickRun([...scene, '--out', 'three'], env);
    const again = await workspace.quickRun([...scene, '--out', 'four'], env);
    expect(again.stderr).toContain('0 made, 1 from the cache');
    expect(workspace.emulator.ledger.submissions).toBe(4);
  });
});
