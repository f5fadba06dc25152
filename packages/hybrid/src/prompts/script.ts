/** The languages of the built-in templates. */
export type PromptLanguage = 'zh' | 'en';

const han = /\p{Script=Han}/gu;
const kanaOrHangul = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const letter = /\p{L}/gu;

/**
 * The language to write a prompt in, by the script of the text itself: Chinese when more than 30 % of its letters are Han
 * characters and it has no kana or Hangul among them (Japanese and Korean texts get the English frame), else English.
 * The share is low because one Chinese character says as much as a word elsewhere.
 */
export function languageOf(text: string): PromptLanguage {
  const letters = text.match(letter)?.length ?? 0;
  const chinese = text.match(han)?.length ?? 0;
  if (letters === 0 || (text.match(kanaOrHangul)?.length ?? 0) > 0) return 'en';
  return chinese / letters > 0.3 ? 'zh' : 'en';
}
