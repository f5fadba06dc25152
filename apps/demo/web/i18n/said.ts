const startsChinese = /^[\p{Script=Han}（《「]/u;
const endsChinese = /[\p{Script=Han}）》」]$/u;

/**
 * A Chinese sentence with values. It is written with a space around each, as Latin words and numbers have it; a Chinese value has
 * none.
 */
export function said(strings: TemplateStringsArray, ...values: readonly string[]): string {
  return strings.reduce((sentence, part, index) => {
    const value = values[index - 1] ?? '';
    const before = startsChinese.test(value) ? sentence.trimEnd() : sentence;
    return before + value + (endsChinese.test(value) ? part.trimStart() : part);
  });
}
