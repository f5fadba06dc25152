import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
  writeFileSync(join(workspace.folder, 'tasks.jsonl'), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout, exitCode } = await workspace.quickRun(['completion', shell]);
    expect(exitCode).toBe(0);
    writeFileSync(join(workspace.folder, `completion.${shell}`), stdout);
  }
});
afterAll(() => workspace.close());

const isThere = (shell: string): boolean => spawnSync(shell, ['--version'], { stdio: 'ignore' }).status === 0;

function ask(shell: string, args: readonly string[]): string {
  const { folder } = workspace;
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, LANG: 'C.UTF-8', TERM: 'dumb' };
  return execFileSync(shell, args, { cwd: folder, env, encoding: 'utf8' });
}

/** What a shell suggests for a line with the cursor at its end. */
const offers: Readonly<Record<string, (line: string) => readonly string[]>> = {
  bash: (line) => {
    const words = line.split(' ');
    const script = [
      'source ./completion.bash',
      `COMP_WORDS=(${words.map((word) => JSON.stringify(word)).join(' ')})`,
      `COMP_CWORD=${words.length - 1}`,
      '_holodeck_image',
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ];
    return ask('bash', ['--norc', '-c', script.join('\n')])
      .split('\n')
      .filter((word) => word !== '');
  },
  fish: (line) =>
    ask('fish', ['--no-config', '-c', `source ./completion.fish; complete -C ${JSON.stringify(line)}`])
      .split('\n')
      .map((offer) => offer.split('\t')[0] ?? '')
      .filter((word) => word !== ''),
};

const lines = [
  ['holodeck-image ', ['doctor', 'generate', 'jobs', 'completion'], ['--size', 'forget']],
  ['holodeck-image ge', ['generate'], ['doctor']],
  ['holodeck-image generate --se', ['--seed'], ['--out']],
  ['holodeck-image generate --backend ', ['auto', 'hunyuan', 'comfyui'], ['--seed']],
  ['holodeck-image jobs ', ['list', 'forget', 'pay-again'], ['doctor']],
  ['holodeck-image jobs forget --o', ['--out'], ['--all']],
  ['holodeck-image emulate o', ['openai'], ['hunyuan']],
  ['holodeck-image scene a --on-backend-down ', ['fail', 'wait', 'restart'], ['--seed']],
  ['holodeck-image card --', ['--out', '--no-normalise', '--json'], ['--backend']],
  ['holodeck-image batch ta', ['tasks.jsonl'], ['doctor']],
] as const;

describe.each(Object.keys(offers))('%s', (shell) => {
  it.skipIf(!isThere(shell)).each(lines)('offers for %j', (line, expected, unexpected) => {
    const offered = offers[shell]?.(line) ?? [];
    for (const word of expected) expect(offered).toContain(word);
    for (const word of unexpected) expect(offered).not.toContain(word);
  });
});

describe.skipIf(!isThere('zsh'))('zsh', () => {
  // zsh only completes in its line editor, which needs a terminal: the test opens one inside zsh.
  it('lists commands and values in its line editor', () => {
    const script = `
      zmodload zsh/zpty
      zpty -b z zsh -f -i
      read_until() {
        local chunk text=''
        repeat 400; do
          zpty -r -t z chunk && text+=$chunk
          [[ $text == *$1* ]] && break
          sleep 0.05
        done
        print -r -- "$2 $text"
      }
      zpty -w z 'PS1="> "; LISTMAX=1000; autoload -Uz compinit; compinit -u -D; source ./completion.zsh; print -r -- loa""ded'
      read_until loaded START
      zpty -w -n z 'holodeck-image generate --backend '$'\\t'
      read_until hunyuan VALUES
      zpty -w -n z $'\\C-u''holodeck-image jobs '$'\\t'
      read_until pay-again COMMANDS
      zpty -d z
    `;
    const seen = ask('zsh', ['-f', '-c', script]);
    expect(seen).toMatch(/VALUES [^]*auto[^]*comfyui[^]*hunyuan/);
    expect(seen).toMatch(/COMMANDS [^]*forget[^]*remove a job[^]*list[^]*pay-again/);
  });
});

it('refuses an unknown shell with a suggestion', async () => {
  const run = await workspace.quickRun(['completion', 'bahs']);
  expect(run).toMatchObject({ exitCode: 2, stdout: '' });
  expect(run.stderr).toContain('(Did you mean bash?)');
});
