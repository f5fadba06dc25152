const patterns: readonly RegExp[] = [
  /^your/i,
  /^(my|the)[_-](secret|key|token|api)/i,
  /^<.*>$/,
  /^\[.*\]$/,
  /^\{.*\}$/,
  /^\$\{?\w+\}?$/,
  /^(AKID|sk-)?[x*.?_-]+$/i,
  /^(change|replace)[_-]?(me|this|it)$/i,
  /^(placeholder|example|dummy|todo|tbd|none|null|undefined|unset|secret|secret[_-]?(id|key)|api[_-]?key|token)$/i,
  /^(你的|您的|填写|请填)/,
];

/** Whether a credential is only the place for one (`your_secret_id`, `xxx`, `<...>`, `changeme`, blank). */
export function isPlaceholder(value: string): boolean {
  const trimmed = value.trim();
  return trimmed === '' || patterns.some((pattern) => pattern.test(trimmed));
}
