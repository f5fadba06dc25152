/** The lists of variables are written from the registry: `vitest run test/docs/variables.test.ts -u`. */
import { join } from 'node:path';

import { builtinDefinitions, generalVariables } from '@holodeck/hybrid/registry';
import type { BackendVariable } from '@holodeck/hybrid/registry';
import { expect, it } from 'vitest';

import { root } from '../../scripts/support/source-files.ts';

interface Section {
  readonly en: string;
  readonly zh: string;
  readonly variables: readonly BackendVariable[];
}

const sections: readonly Section[] = [
  ...(await builtinDefinitions()).map(({ label, variables }) => ({ ...label, variables })),
  { en: 'All', zh: '通用', variables: generalVariables },
];

/** Lines of comments, none longer than 120 characters where a blank allows. */
function comment(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 119) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines.join('\n');
}

it('.env.example lists every variable with its meaning', async () => {
  const intro = comment(
    'Copy to .env and fill in what you use. The command line reads .env from the working folder; variables that exist already win. Placeholders such as your_secret_id count as unset. Libraries never read this file.',
  );
  const parts = sections.map(({ en, variables }) =>
    [`# --- ${en} ---`, ...variables.map(({ name, meaning }) => `${comment(meaning.en)}\n${name}=`)].join('\n'),
  );
  const proxies = comment(
    'Proxies are taken from HTTPS_PROXY, HTTP_PROXY and NO_PROXY in either case; loopback is always direct.',
  );
  await expect(`${[intro, ...parts, proxies].join('\n\n')}\n`).toMatchFileSnapshot(join(root, '.env.example'));
});

it('docs/variables.md lists every variable in English and Chinese', async () => {
  const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll(/<(?=\w)/g, '&lt;');
  const parts = sections.map(({ en, zh, variables }) => {
    const rows = variables.map(
      ({ name, meaning, secret = false }) =>
        `| \`${name}\` | ${secret ? 'yes 是' : ''} | ${cell(meaning.en)} | ${cell(meaning.zh)} |`,
    );
    const title = en === zh ? en : `${en} ${zh}`;
    return [`## ${title}\n`, '| variable 变量 | secret 保密 | meaning | 含义 |', '|---|---|---|---|', ...rows].join(
      '\n',
    );
  });
  const intro = `# Variables 环境变量

A variable that is blank or holds a placeholder, such as \`your_secret_id\` or \`<key>\`, counts as not set. What is marked as secret is
never shown. 空白或占位内容（如 \`your_secret_id\`、\`<key>\`）视为未设置。标为保密的值不会显示。`;
  const text = `${[intro, ...parts].join('\n\n')}\n`;
  await expect(text).toMatchFileSnapshot(join(root, 'docs', 'variables.md'));
});

it('no variable is listed twice', () => {
  const names = sections.flatMap(({ variables }) => variables.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
});
