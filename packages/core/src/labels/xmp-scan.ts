/** A property of an XMP packet, and where it stands in the text. */
export interface XmpProperty {
  /** URI of its namespace, without a slash at the end. */
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** What a packet says. */
export interface XmpScan {
  /** In the order of the text. */
  readonly properties: readonly XmpProperty[];
  /** Where a further `rdf:Description` can stand. */
  readonly end: number;
}

const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const mostDepth = 64;

const token =
  /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[([^]*?)\]\]>|<\/([^\s<>]+)\s*>|<([^\s<>/!?]+)((?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
const attribute = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

interface Element {
  readonly tag: string;
  readonly namespace: string;
  readonly name: string;
  readonly prefixes: ReadonlyMap<string, string>;
  readonly start: number;
  text: string;
}

/**
 * Reads the simple properties of an XMP packet: elements and attributes of the `rdf:Description`s in `rdf:RDF`. Undefined for a
 * text that is not well-formed, or that declares a document type, whose entities could make it endless.
 *
 * @see XMP specification part 1 (ISO 16684-1), chapter 7
 */
export function scanXmp(text: string): XmpScan | undefined {
  const properties: XmpProperty[] = [];
  const open: Element[] = [];
  let end: number | undefined;
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const start = token.lastIndex;
    const match = token.exec(text);
    if (match === null) return undefined;
    const [, data, closing, opening, attributes = '', slash, characters] = match;
    const parent = open.at(-1);
    if (parent !== undefined) parent.text += data ?? (characters === undefined ? '' : unescaped(characters));
    if (opening !== undefined) {
      const element = elementOf(opening, attributes, parent, start);
      if (element === undefined || open.length >= mostDepth) return undefined;
      open.push(element);
      if (isDescription(open)) properties.push(...attributesOf(attributes, element, start + 1 + opening.length));
      const resource = attributesOf(attributes, element, 0).find((one) => one.name === 'resource' && isRdf(one));
      if (resource !== undefined) element.text = resource.value;
    }
    if (closing === undefined && slash !== '/') continue;
    const element = open.pop();
    if (element === undefined || (closing !== undefined && closing !== element.tag)) return undefined;
    const above = open.at(-1);
    if (isDescription(open)) {
      const { namespace, name } = element;
      properties.push({ namespace, name, value: element.text.trim(), start: element.start, end: token.lastIndex });
    } else if (above !== undefined) above.text += element.text;
    // A self-closing one has no room.
    if (element.name === 'RDF' && isRdf(element) && closing !== undefined) end = start;
  }
  return end === undefined || open.length > 0
    ? undefined
    : { properties: properties.sort((one, other) => one.start - other.start), end };
}

function elementOf(tag: string, attributes: string, parent: Element | undefined, start: number): Element | undefined {
  const prefixes = new Map(parent?.prefixes);
  for (const [, name = '', double, single] of attributes.matchAll(attribute)) {
    const uri = unescaped(double ?? single ?? '');
    if (name === 'xmlns') prefixes.set('', uri);
    if (name.startsWith('xmlns:')) prefixes.set(name.slice(6), uri);
  }
  const resolved = resolve(tag, prefixes);
  return resolved && { tag, ...resolved, prefixes, start, text: '' };
}

function resolve(
  tag: string,
  prefixes: ReadonlyMap<string, string>,
): Pick<XmpProperty, 'namespace' | 'name'> | undefined {
  const [name = '', prefix = ''] = tag.split(':').reverse();
  const namespace = prefixes.get(prefix);
  return namespace === undefined ? undefined : { namespace: plain(namespace), name };
}

/** The attributes of an element that have a namespace. */
function attributesOf(text: string, { prefixes }: Element, offset: number): readonly XmpProperty[] {
  return [...text.matchAll(attribute)].flatMap((match) => {
    const [whole, name = '', double, single] = match;
    const resolved = name.includes(':') ? resolve(name, prefixes) : undefined;
    if (resolved === undefined) return [];
    const start = offset + match.index;
    return [{ ...resolved, value: unescaped(double ?? single ?? '').trim(), start, end: start + whole.length }];
  });
}

/** Whether the innermost open element is an `rdf:Description` in `rdf:RDF`. */
function isDescription(open: readonly Element[]): boolean {
  const [above, inner] = open.slice(-2);
  return above?.name === 'RDF' && isRdf(above) && inner?.name === 'Description' && isRdf(inner);
}

function isRdf({ namespace }: Pick<XmpProperty, 'namespace'>): boolean {
  return namespace === plain(rdf);
}

/** Some writers leave the last slash of a namespace away. */
function plain(namespace: string): string {
  return namespace.replace(/\/$/, '');
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,8}));/gi, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return entities[name as string] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hexadecimal as string, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
