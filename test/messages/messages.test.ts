import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { knownMessages, renderMessage } from '@holodeck/core/messages';
import type { MessageParams } from '@holodeck/core/messages';
import { expect, it } from 'vitest';

import { root, sourceFiles } from '../../scripts/support/source-files.ts';
import { loadAllMessages } from './support/load-all-messages.ts';

await Promise.all([loadAllMessages(), import('../../apps/demo/src/server/demo-messages.ts')]);

const texts = [...knownMessages()];

/** The names of a text's placeholders. */
function placesOf(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\{(\w+)(?::[^{}|]*\|[^{}|]*)?\}/g)].map(([, name = '']) => name))].toSorted();
}

/** All renderings of a message with filled placeholders. */
function waysToSay(messageId: string, language: 'en' | 'zh', places: readonly string[]): readonly string[] {
  return (['code', 'command-line'] as const).flatMap((reader) =>
    [1, 7].map((number) => {
      const params: MessageParams = Object.fromEntries(places.map((place) => [place, number]));
      return renderMessage({ message: messageId, messageId, params }, { language, reader });
    }),
  );
}

it('every message has the same placeholders in both languages', () => {
  const different = texts.filter(([, { en, zh }]) => placesOf(en).join() !== placesOf(zh).join());
  expect(different).toEqual([]);
});

it('every message renders completely, in both languages, for both readers', () => {
  for (const [messageId, { en, zh }] of texts) {
    const english = waysToSay(messageId, 'en', placesOf(en));
    const chinese = waysToSay(messageId, 'zh', placesOf(zh));
    for (const said of [...english, ...chinese]) {
      expect(said.trim(), messageId).not.toBe('');
      expect(said, messageId).not.toMatch(/\{\w+[}:]|\[|\]|\S {2}\S| $|^ | [,:;)]| \.(?![./\w])/);
    }
    for (const said of chinese) {
      expect(said, messageId).toMatch(/[\p{Script=Han}，。：；（）]/u);
      expect(said, messageId).not.toMatch(/[a-z]{3,} (?:the|is|are|was|were|not|to|of|and) [a-z]{2,}/);
    }
    for (const said of english) expect(said, messageId).not.toMatch(/\p{Script=Han}|[，。：；（）]/u);
  }
  expect(texts.length).toBeGreaterThan(190);
});

// A second message with the same id would silently replace the first.
it('no id is declared twice', () => {
  const declared = sourceFiles()
    .filter((file) => basename(file).endsWith('-messages.ts') && basename(file) !== 'define-messages.ts')
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const [, prefix = ''] = /defineMessages\('(\w+)'/.exec(text) ?? [];
      return [...text.matchAll(/^ {2}(?:'([\w-]+)'|([\w-]+)): \{/gm)].map(([, a, b]) => `${prefix}.${a ?? b}`);
    });
  expect(declared.toSorted()).toEqual([...new Set(declared)].toSorted());
  expect(declared.length).toBeGreaterThanOrEqual(texts.length);
});
