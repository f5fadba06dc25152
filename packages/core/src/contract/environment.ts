/** Environment variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Placeholders of example files. A word that can be a value, such as `test`, is not a placeholder. */
const placeholders: readonly RegExp[] = [
  /^(?:sk[-_])?your(?:[-_ ]|$)/i,
  /^your[A-Z]/,
  /^(?:sk[-_])?(?:my|the|insert|enter|paste)[-_ ](?:your|secret|key|token|api|here)/i,
  // Words in brackets; JSON and IPv6 addresses contain other characters.
  /^<.*>$/,
  /^[[{][\w .-]*[\]}]$/,
  /^\$(?:\w+|\{.*\})$/,
  /^(?:AKID|sk-)?[x*.…?_-]+$/i,
  /^(?:change|replace)[-_ ]?(?:me|this|it)$/i,
  /^(?:placeholder|example|dummy|todo|tbd|none|null|undefined|unset|secret|secret[-_]?(?:id|key)|api[-_]?key|token)$/i,
  /^(?:你的|您的|填写|请填)/,
];

/** Whether a value is only a placeholder: blank, `your_secret_id`, `xxx`, `<...>`, `changeme`. */
export function isPlaceholder(value: string): boolean {
  const trimmed = value.trim();
  return trimmed === '' || placeholders.some((pattern) => pattern.test(trimmed));
}

/** The trimmed value of a variable; undefined if it is not set, blank or a placeholder. */
export function readVariable(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === undefined || isPlaceholder(value) ? undefined : value;
}
