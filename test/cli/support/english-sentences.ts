/**
 * Parts of a text with several English words in a row, as in a sentence. Names, options and commands do not count: quotations,
 * URLs, shell comments with commands, and words with capitals, digits or signs.
 */
export function englishSentencesOf(text: string): readonly string[] {
  const plain = text
    .replaceAll(/https?:\/\/\S+/g, '')
    .replaceAll(/"[^"\n]*"|\$\(.*\)|\{.*\}|\[.*\]/g, '')
    .replaceAll(/^ {2}\$ .*$/gm, '');
  return [...plain.matchAll(/(?<![\w.-])[a-z]{1,}(?: [a-z]{2,}){2,}(?![\w-])/g)].map(([found]) => found);
}
