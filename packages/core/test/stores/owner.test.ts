import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createOwner, isProcessAlive, parseOwnerId } from '@holodeck/core/stores';
import { describe, expect, it } from 'vitest';

describe('createOwner', () => {
  it('makes unique owners that can be parsed from their id alone', () => {
    const [first, second] = [createOwner(), createOwner()];
    expect(first.id).not.toBe(second.id);
    expect(parseOwnerId(first.id)).toEqual(first);
    expect(first.pid).toBe(process.pid);
    expect(first.id.split('/')).toHaveLength(5);
  });
});

describe('parseOwnerId', () => {
  it.each(['', 'owner', 'a/b/c/d/e', 'a/b/0/d/e', 'a/b/-1/d/e', 'a/b/1/d', 'a/b/1/d/e/f', 'a//1/d/e'])(
    'does not parse %j',
    (id) => expect(parseOwnerId(id)).toBeUndefined(),
  );
});

describe('isProcessAlive', () => {
  const own = createOwner();

  it('recognises its own process, but not an earlier one with the same pid', () => {
    expect(isProcessAlive(own)).toBe(true);
    expect(isProcessAlive({ ...own, start: '1' })).toBe(false);
    expect(isProcessAlive({ ...own, boot: 'another-boot' })).toBe(false);
  });

  it('does not judge other hosts', () => {
    expect(isProcessAlive({ ...own, host: 'another.host' })).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('tells a living process from one that was reaped', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)']);
    await once(child.stdout, 'data');
    const other = { ...own, pid: child.pid ?? 0 };
    // Its start is not the one of this process: a pid alone proves nothing.
    expect(isProcessAlive(other)).toBe(false);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    expect(isProcessAlive(other)).toBe(false);
  });

  it.runIf(process.platform === 'linux')('holds a zombie for dead', async () => {
    // The shell never waits for the child that it leaves behind: it stays a zombie while the shell sleeps.
    const script = 'const { createOwner } = await import("@holodeck/core/stores"); console.log(createOwner().id);';
    const shell = spawn('sh', [
      '-c',
      `"$0" --conditions=@holodeck/source --input-type=module -e '${script}' & exec "$0" -e 'setInterval(() => {}, 1000)'`,
      process.execPath,
    ]);
    const [line] = (await once(shell.stdout, 'data')) as [Buffer];
    const owner = parseOwnerId(line.toString().trim());
    if (owner === undefined) throw new Error('The child gave no owner id.');
    while (isProcessAlive(owner) !== false) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // It is still in the table of processes.
    expect(() => process.kill(owner.pid, 0)).not.toThrow();
    const gone = once(shell, 'exit');
    shell.kill('SIGKILL');
    await gone;
  });
});
