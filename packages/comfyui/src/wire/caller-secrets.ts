/** Shorter texts are words, which would make every sentence unreadable. */
const leastCharacters = 4;

/**
 * What of the caller's configuration is secret: values of headers, their parts except schemes such as `Bearer`, and
 * values in a URL's query. The longest first, so that none is left in part.
 */
export function secretsOf(headers: Readonly<Record<string, string>>, query: URLSearchParams): readonly string[] {
  const all = [...Object.values(headers).flatMap(partsOf), ...query.values()];
  return [...new Set(all)].filter(({ length }) => length >= leastCharacters).toSorted((a, b) => b.length - a.length);
}

/** A header's value, what follows its scheme, and what `name=value` in it holds. */
function partsOf(value: string): string[] {
  const words = value.split(/[\s;,]+/);
  const [first = '', ...others] = words;
  const own = others.length > 0 && !first.includes('=') ? others : words;
  const values = own.map((word) => word.slice(word.indexOf('=') + 1).replaceAll('"', ''));
  return [value, ...own, ...values, ...(/^basic$/i.test(first) ? others.flatMap(pairOf) : [])];
}

/** User and password as a server reads them, and the password alone. */
function pairOf(encoded: string): string[] {
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return [pair, pair.slice(pair.indexOf(':') + 1)];
}

/** A text with every secret of the caller blanked. */
export function blank(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

/** Words of a server for a message: without the caller's secrets and without the queries of URLs, which may be signed. */
export function quotable(text: string, secrets: readonly string[]): string {
  return blank(text.replaceAll(/(\b[a-z][a-z\d+.-]*:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/gi, '$1'), secrets);
}
