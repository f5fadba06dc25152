/**
 * Parts of a text in which words of English follow each other, as in a sentence. Names, options and commands do not count: what
 * stands in quotes, URLs, shell comments with commands, and words with capitals, digits or signs.
 */
export function englishSentencesOf(text: string): readonly string[] {
  const plain = text
    .replaceAll(/https?:\/\/\S+/g, '')
    .replaceAll(/"[^"\n]*"|\$\(.*\)|\{.*\}|\[.*\]/g, '')
    .replaceAll(/^ {2}\$ .*$/gm, '');
  return [...plain.matchAll(/(?<![\w.-])[a-z]{1,}(?: [a-z]{2,}){2,}(?![\w-])/g)].map(([found]) => found);
}
