/** Pages that are written from the code: `vitest run test/docs/reference.test.ts -u`. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { knownMessages } from '@holodeck/core/messages';
import { expect, it } from 'vitest';

import { createProgram } from '../../apps/cli/src/command-line.ts';
import { commandTree } from '../../apps/cli/src/completion/command-tree.ts';
import type { CompletionCommand } from '../../apps/cli/src/completion/command-tree.ts';
import { setLanguage } from '../../apps/cli/src/messages/messages.ts';
import { root } from '../../scripts/support/source-files.ts';
import { manifestMeanings } from './support/manifest-meanings.ts';
import { loadAllMessages } from '../messages/support/load-all-messages.ts';

await loadAllMessages();

const cell = (text: string): string =>
  text
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('|', String.raw`\|`)
    .replaceAll('{{', '{ {')
    .replaceAll('<', '&lt;');

async function commandsIn(language: 'en' | 'zh'): Promise<readonly CompletionCommand[]> {
  try {
    return commandTree(await createProgram(['--lang', language], () => undefined));
  } finally {
    setLanguage('en');
  }
}

it('docs/commands.md lists every command with its options, in English and Chinese', async () => {
  const chinese = await commandsIn('zh');
  const parts = (await commandsIn('en')).map((command, index) => {
    const twin = chinese[index];
    const rows = command.options.map(({ names, takesValue, choices, description }, place) => {
      const value = choices.length > 0 ? ` ${choices.join('|')}` : takesValue ? ' …' : '';
      const code = `\`${names.join(', ')}${value}\``.replaceAll('|', String.raw`\|`);
      return `| ${code} | ${cell(description)} | ${cell(twin?.options[place]?.description ?? '')} |`;
    });
    const title = ['holodeck-image', ...command.path].join(' ');
    return [
      `## ${title}\n`,
      `${cell(command.description)}\n\n${cell(twin?.description ?? '')}\n`,
      '| option 选项 | meaning | 含义 |',
      '|---|---|---|',
      ...rows,
    ].join('\n');
  });
  const intro = `# Commands 命令

Every command with its options. \`holodeck-image help <command>\` also shows arguments and examples.
全部命令及选项。\`holodeck-image help <command>\` 还会显示参数和示例。`;
  await expect(`${[intro, ...parts].join('\n\n')}\n`).toMatchFileSnapshot(join(root, 'docs', 'commands.md'));
});

it('docs/errors.md lists every message by its id, in English and Chinese', async () => {
  // Other tests in this process may declare messages too.
  const prefixes = [...readdirSync(join(root, 'packages')), 'registry'];
  const groups = Object.groupBy(knownMessages(), ([id]) => id.split('.')[0] ?? '');
  const parts = Object.entries(groups)
    .filter(([group]) => prefixes.includes(group))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, messages = []]) => {
      const rows = messages
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([id, { en, zh }]) => `| \`${id}\` | ${cell(en)} | ${cell(zh)} |`);
      return [`## ${group}\n`, '| id | message | 消息 |', '|---|---|---|', ...rows].join('\n');
    });
  const intro = `# Messages by id 消息一览

Errors and warnings carry \`messageId\`, which stays the same when a sentence is improved: compare the id, show the sentence. \`{name}\` is a value
of \`params\`. Where a sentence has a part in \`[...|...]\`, a program reads the first half and a reader of the command line the second.
[Troubleshooting](troubleshooting.md) says what to do about the most frequent ones.

错误和警告都带有 \`messageId\`，句子改写后 id 不变：用 id 判断，用句子显示。\`{name}\` 是 \`params\` 中的值。句子中的 \`[...|...]\` 前半用于程序，后半用于命令行。
最常见的问题怎么处理，见[出错时](troubleshooting.zh-CN.md)。`;
  await expect(`${[intro, ...parts].join('\n\n')}\n`).toMatchFileSnapshot(join(root, 'docs', 'errors.md'));
});

/** A part of a JSON Schema. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

function shapeOf(schema: Schema, language: Language): string {
  const { listOf, or } = manifestWords[language];
  if (schema.$ref !== undefined) return schema.$ref.replace('#/$defs/', '');
  if (schema.anyOf !== undefined) return schema.anyOf.map((one) => shapeOf(one, language)).join(or);
  if (schema.enum !== undefined) return schema.enum.map(String).join(', ');
  if ('const' in schema) return String(schema.const);
  if (schema.items !== undefined) return listOf(shapeOf(schema.items, language));
  return [schema.type ?? 'any'].flat().join(or);
}

/** What the page says around the fields. */
const manifestWords = {
  en: {
    head: '| field | type | always there | meaning |',
    yes: 'yes',
    or: ' or ',
    listOf: (shape: string) => `list of ${shape}`,
    intro: `# Fields of the manifest

[中文](manifest.zh-CN.md)

\`manifest.json\` in a session's folder, as \`@holodeck/hybrid/manifest.schema.json\` describes it. How to use it:
[the manifest in a 3D pipeline](guides/manifest-in-a-3d-pipeline.md). A type such as \`asset\` has a table of its own; \`sha256\` is lowercase
hex, \`time\` is ISO 8601 in UTC, \`path\` is relative to the session's folder, \`count\` is a whole number from 0, and \`optionalText\` is a text
or null.`,
  },
  zh: {
    head: '| 字段 | 类型 | 必有 | 含义 |',
    yes: '是',
    or: ' 或 ',
    listOf: (shape: string) => `${shape} 的列表`,
    intro: `# 清单的字段

[English](manifest.md)

会话文件夹中的 \`manifest.json\`，依据 \`@holodeck/hybrid/manifest.schema.json\`。用法见[3D 流程中的清单](guides/manifest-in-a-3d-pipeline.zh-CN.md)。
\`asset\` 等类型各有一张表；\`sha256\` 为小写十六进制，\`time\` 为 UTC 的 ISO 8601，\`path\` 相对于会话文件夹，\`count\` 为非负整数，
\`optionalText\` 为文本或 null。`,
  },
} as const;
type Language = keyof typeof manifestWords;

const schemaFile = join(root, 'packages', 'hybrid', 'manifest.schema.json');
const manifestSchema = JSON.parse(readFileSync(schemaFile, 'utf8')) as Schema;
const manifestParts = [['manifest', manifestSchema] as const, ...Object.entries(manifestSchema.$defs ?? {})];
/** The fields of a type; of a list, those of its entries. */
const objectOf = (schema: Schema): Schema => (schema.properties === undefined ? (schema.items ?? {}) : schema);

/** What a part of the schema says of its meaning; in Chinese, what stands for it at its path. */
const meaningOf = ({ description }: Schema, path: string, language: Language): string | undefined =>
  language === 'en' ? description : manifestMeanings[path];

/** All fields of an object, those of objects inside it after it. */
function fieldsOf({ properties = {}, required = [] }: Schema, path: string, shown = ''): readonly ManifestField[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const own = `${shown}${name}${field.items === undefined ? '' : '[]'}`;
    const inner = [field, field.items, ...(field.anyOf ?? [])].find((one) => one?.properties !== undefined) ?? {};
    const fieldPath = `${path}.${name}`;
    const found = { path: fieldPath, shown: own, field, isAlways: required.includes(name) };
    return [found, ...fieldsOf(inner, fieldPath, `${own}.`)];
  });
}

interface ManifestField {
  readonly path: string;
  readonly shown: string;
  readonly field: Schema;
  readonly isAlways: boolean;
}

it.each([
  ['manifest.md', 'en'],
  ['manifest.zh-CN.md', 'zh'],
] as const)('docs/%s lists every field of the manifest, from its schema', async (file, language) => {
  const { intro, head, yes } = manifestWords[language];
  const parts = manifestParts
    .filter(([, part]) => objectOf(part).properties !== undefined)
    .map(([name, part]) => {
      const meaning = meaningOf(part, name, language);
      const rows = fieldsOf(objectOf(part), name).map(
        ({ path, shown, field, isAlways }) =>
          `| \`${shown}\` | ${cell(shapeOf(field, language))} | ${isAlways ? yes : ''} | ${cell(meaningOf(field, path, language) ?? '')} |`,
      );
      return [
        `## ${name}\n`,
        ...(meaning === undefined ? [] : [`${cell(meaning)}\n`]),
        head,
        '|---|---|---|---|',
        ...rows,
      ].join('\n');
    });
  await expect(`${[intro, ...parts].join('\n\n')}\n`).toMatchFileSnapshot(join(root, 'docs', file));
});

it('every meaning in the schema of the manifest has its Chinese, and no other has', () => {
  const fields = manifestParts.flatMap(([name, part]) => [
    [name, part.description],
    ...fieldsOf(objectOf(part), name).map(({ path, field }) => [path, field.description]),
  ]);
  const described = fields.filter(([, description]) => description !== undefined).map(([path]) => path);
  expect(new Set(described)).toEqual(new Set(Object.keys(manifestMeanings)));
});

it('troubleshooting names messages that exist', () => {
  for (const file of ['troubleshooting.md', 'troubleshooting.zh-CN.md']) {
    const text = readFileSync(join(root, 'docs', file), 'utf8');
    const ids = [...text.matchAll(/`((?:core|hybrid|registry)\.[a-z-]+)`/g)].map(([, id = '']) => id);
    const known = new Map(knownMessages());
    expect(ids.length).toBeGreaterThan(3);
    expect(ids.filter((id) => !known.has(id))).toEqual([]);
  }
});
