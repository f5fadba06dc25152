// sd-server reads parameters that OpenAI does not have from JSON in a tag inside the prompt, and removes the tag:
// https://github.com/leejet/stable-diffusion.cpp/tree/master/examples/server
const open = '<sd_cpp_extra_args>';
const close = '</sd_cpp_extra_args>';

/** Whether the prompt already has such a tag: the server would read only the first. */
export function hasExtraArgs(prompt: string): boolean {
  return prompt.includes(open) || prompt.includes(close);
}

/** The prompt with the values in a tag at its end; unchanged when there are none. */
export function withExtraArgs(prompt: string, values: Readonly<Record<string, unknown>>): string {
  if (Object.keys(values).length === 0) return prompt;
  // The server's pattern would end at a closing tag inside a value.
  const json = JSON.stringify(values).replaceAll('<', String.raw`\u003c`);
  return `${prompt} ${open}${json}${close}`;
}
