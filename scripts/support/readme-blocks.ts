/** A block of code in a Markdown file. */
export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** The paragraph before it. */
  readonly before: string;
  /** The paragraph after it. */
  readonly after: string;
}

/** The fenced blocks of a Markdown text, in order. */
export function codeBlocksOf(markdown: string): readonly CodeBlock[] {
  const fence = /^```(\w+)\n(.*?)^```$/gms;
  return [...markdown.matchAll(fence)].map((match) => {
    const [whole, language = '', code = ''] = match;
    const before = markdown.slice(0, match.index).trimEnd().split('\n\n').at(-1) ?? '';
    const after =
      markdown
        .slice(match.index + whole.length)
        .trimStart()
        .split('\n\n')[0] ?? '';
    return { language, code, before, after };
  });
}
