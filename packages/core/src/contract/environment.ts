/** Environment variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What files of examples hold where a value belongs. A word that may be a value, such as `test`, is not among them. */
const placeholders: readonly RegExp[] = [
  /^(?:sk[-_])?your(?:[-_ ]|$)/i,
  /^your[A-Z]/,
  /^(?:sk[-_])?(?:my|the|insert|enter|paste)[-_ ](?:your|secret|key|token|api|here)/i,
  // A word in brackets; JSON and an IPv6 address hold more than words.
  /^<.*>$/,
  /^[[{][\w .-]*[\]}]$/,
  /^\$(?:\w+|\{.*\})$/,
  /^(?:AKID|sk-)?[x*.…?_-]+$/i,
  /^(?:change|replace)[-_ ]?(?:me|this|it)$/i,
  /^(?:placeholder|example|dummy|todo|tbd|none|null|undefined|unset|secret|secret[-_]?(?:id|key)|api[-_]?key|token)$/i,
  /^(?:你的|您的|填写|请填)/,
];

/** Whether a value only holds the place for one: blank, `your_secret_id`, `xxx`, `<...>`, `changeme`. */
export function isPlaceholder(value: string): boolean {
  const trimmed = value.trim();
  return trimmed === '' || placeholders.some((pattern) => pattern.test(trimmed));
}

/** The trimmed value of a variable; undefined when it is not set, blank or a placeholder. */
export function readVariable(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === undefined || isPlaceholder(value) ? undefined : value;
}
