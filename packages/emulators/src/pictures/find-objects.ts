import type { SceneObject } from './object-table.ts';
import { sceneObjects } from './object-table.ts';
import type { Color } from '../base/row-canvas.ts';

/** A thing named in a text. */
export interface FoundObject extends SceneObject {
  /** The word of the text. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

interface Word {
  readonly word: string;
  readonly object: SceneObject;
}

// Longer words first: "noodle bowl" before "bowl", 汤面 before 面.
const chineseWords = wordsOf(({ chinese }) => chinese);
const englishWords = new Map(wordsOf(({ english }) => english).map((word) => [word.word, word]));
const longestEnglish = Math.max(...[...englishWords.keys()].map((word) => word.split(' ').length));

/** The things named in a text, in order; words inside longer words do not count. */
export function findObjects(text: string): FoundObject[] {
  const found = [...findEnglish(text), ...findChinese(text)];
  return found.sort((a, b) => a.start - b.start);
}

/** The thing on a card: the last one in the name (the head of an English or Chinese noun), else the first one in the description. */
export function findCardObject(subject: string): FoundObject | undefined {
  const nameEnd = /[,，:：;；(（]/.exec(subject)?.index ?? subject.length;
  const found = findObjects(subject);
  return found.findLast(({ end }) => end <= nameEnd) ?? found[0];
}

/** What a prompt for a card asks for: the words after "single isolated object:", up to the end of the sentence. */
export function subjectOf(prompt: string): string {
  const match = /(?:isolated object|scene|单个物体|场景全景)\s*[:：]\s*([^.!?。！？\n]+)/i.exec(prompt);
  return match?.[1] ?? prompt;
}

function findEnglish(text: string): FoundObject[] {
  const tokens = [...text.toLowerCase().matchAll(/[a-z][a-z-]*/g)];
  const found: FoundObject[] = [];
  for (let at = 0; at < tokens.length;) {
    const length = [...Array(longestEnglish).keys()]
      .map((count) => longestEnglish - count)
      .find((count) => at + count <= tokens.length && lookUp(tokens.slice(at, at + count)) !== undefined);
    const first = tokens[at];
    const last = tokens[at + (length ?? 1) - 1];
    if (length !== undefined && first !== undefined && last !== undefined) {
      const word = lookUp(tokens.slice(at, at + length));
      const end = last.index + last[0].length;
      if (word !== undefined) found.push({ ...word.object, word: word.word, start: first.index, end });
    }
    at += length ?? 1;
  }
  return found;
}

function lookUp(tokens: readonly RegExpExecArray[]): Word | undefined {
  const words = tokens.map(([word]) => word).join(' ');
  return (
    englishWords.get(words) ?? englishWords.get(words.replace(/s$/, '')) ?? englishWords.get(words.replace(/es$/, ''))
  );
}

// Words that contain the name of a thing but do not mean it.
const notThings = /灯光|窗外|花纹|水面|天空|木纹|书写|门口|花色|车间|画面|画风|火光/g;

function findChinese(given: string): FoundObject[] {
  const text = given.replace(notThings, (word) => '　'.repeat(word.length));
  const found: FoundObject[] = [];
  for (const { word, object } of chineseWords) {
    for (let start = text.indexOf(word); start !== -1; start = text.indexOf(word, start + word.length)) {
      const end = start + word.length;
      if (found.some((other) => start < other.end && end > other.start)) continue;
      found.push({ ...object, word, start, end });
    }
  }
  return found;
}

function wordsOf(pick: (object: SceneObject) => readonly string[]): Word[] {
  return sceneObjects
    .flatMap((object) => pick(object).map((word) => ({ word, object })))
    .sort((a, b) => b.word.length - a.word.length);
}

const colors: readonly (readonly [words: RegExp, color: Color])[] = [
  [/\bred\b|\bcrimson\b|红|朱/i, [200, 44, 40]],
  [/\bpink\b|粉/i, [236, 140, 170]],
  [/\borange\b|橙|橘色/i, [236, 134, 40]],
  [/\byellow\b|黄/i, [240, 200, 60]],
  [/\bgreen\b|\bjade\b|绿|翠/i, [70, 150, 80]],
  [/\bblue\b|\bcyan\b|蓝|青/i, [52, 110, 190]],
  [/\bpurple\b|\bviolet\b|紫(?!砂)/i, [130, 80, 170]],
  [/\bcopper\b|\bbronze\b|铜/i, [190, 112, 60]],
  [/\bgold(en)?\b|\bbrass\b|金(?!属)/i, [216, 170, 60]],
  [/\bbrown\b|\bwooden\b|棕|褐|木头|紫砂/i, [140, 90, 52]],
  [/\bsilver\b|\bsteel\b|\biron\b|银|铁/i, [150, 156, 164]],
  [/\bgr[ae]y\b|灰/i, [130, 132, 136]],
  [/\bblack\b|黑|乌木/i, [52, 50, 54]],
  [/\bwhite\b|白/i, [238, 236, 230]],
];

/** The first colour named in a text. */
export function findColor(text: string): Color | undefined {
  const found = colors
    .map(([words, color]) => ({ at: text.search(words), color }))
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at);
  return found[0]?.color;
}

/** How a picture is rendered. */
export type PictureStyle = 'plain' | 'watercolour' | 'clay' | 'ink' | 'low-poly' | 'photo';

const styles: readonly (readonly [RegExp, PictureStyle])[] = [
  [/watercolou?r|水彩/i, 'watercolour'],
  [/\bclay\b|plasticine|黏土|粘土/i, 'clay'],
  [/\bink\b|line art|水墨|墨线|白描/i, 'ink'],
  [/low[- ]poly|低多边形/i, 'low-poly'],
  [/photo|realistic|照片|写实/i, 'photo'],
];

/** The style that a prompt asks for. */
export function findStyle(prompt: string): PictureStyle {
  return styles.find(([words]) => words.test(prompt))?.[1] ?? 'plain';
}
