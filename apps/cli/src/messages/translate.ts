import { chineseSentences } from './chinese-sentences.ts';
import { currentLanguage } from './messages.ts';

/**
 * A sentence of the libraries, which speak English, and what it is in another language. `{}` stands for any text, which
 * comes back as `{1}`, `{2}`, ... and is translated too where it is a known sentence itself.
 */
export type Sentence = readonly [english: string, translation: string];

interface Rule {
  readonly prefix: string;
  readonly suffix: string;
  readonly pattern: RegExp;
  readonly translation: string;
}

/** No message of the libraries is longer; what is longer holds text from elsewhere. */
const maxLength = 2000;
/** After so many attempts a text stays as it is: it is not one of our messages, and people wait. */
const maxAttempts = 5000;
let chineseRules: readonly Rule[] | undefined;

/**
 * What a library says, in the language that was chosen: its sentences one by one, where all of them are known; else the text
 * as it is. In English the text itself.
 */
export function translate(text: string): string {
  if (currentLanguage() === 'en') return text;
  chineseRules ??= chineseSentences.map(compile);
  return translateSentences(text, chineseRules) ?? text;
}

function compile([english, translation]: Sentence): Rule {
  const parts = english.split('{}');
  const source = parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join('(.+?)');
  return { prefix: parts[0] ?? '', suffix: parts.at(-1) ?? '', pattern: new RegExp(`^${source}$`, 's'), translation };
}

/** Undefined if a part is not a known sentence. */
function translateSentences(text: string, rules: readonly Rule[]): string | undefined {
  if (text.length > maxLength) return undefined;
  // Ends of what may be a sentence: before a blank, or the end of the text. The shortest is tried first.
  const ends = [...[...text.matchAll(/\s+/g)].map(({ index }) => index), text.length];
  const failed = new Set<number>();
  let attempts = 0;
  const from = (start: number): string | undefined => {
    if (start >= text.length) return '';
    if (failed.has(start)) return undefined;
    for (const rule of rules) {
      if (!text.startsWith(rule.prefix, start)) continue;
      for (const end of ends) {
        if (end <= start || !text.startsWith(rule.suffix, end - rule.suffix.length)) continue;
        attempts += 1;
        if (attempts > maxAttempts) return undefined;
        const found = rule.pattern.exec(text.slice(start, end));
        if (found === null) continue;
        const rest = from(end + (/^\s+/.exec(text.slice(end))?.[0].length ?? 0));
        if (rest !== undefined) return fill(rule.translation, found, rules) + rest;
      }
    }
    failed.add(start);
    return undefined;
  };
  return from(0);
}

/** Within another sentence, one has often lost its full stop. */
function translatePart(text: string, rules: readonly Rule[]): string | undefined {
  return translateSentences(text, rules) ?? translateSentences(`${text}.`, rules)?.replace(/。$/, '');
}

function fill(translation: string, found: RegExpExecArray, rules: readonly Rule[]): string {
  return translation.replace(/\{(\d+)\}/g, (_all, index: string) => {
    const value = found[Number(index)] ?? '';
    const whole = translatePart(value, rules);
    if (whole !== undefined) return whole;
    return value
      .split('; ')
      .map((part) => translatePart(part, rules) ?? part)
      .join('；');
  });
}
