import type { AigcBlock } from './aigc-block.ts';
import { scanXmp } from './xmp-scan.ts';
import type { XmpProperty } from './xmp-scan.ts';

/** Namespaces of the properties that are read and written here. */
export const xmpNamespaces = {
  /** IPTC Photo Metadata Standard, IPTC Extension. */
  iptc: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
  /** TC260's guide on metadata of pictures. */
  tc260: 'http://www.tc260.org.cn/ns/AIGC/1.0/',
  own: 'https://holodeck.invalid/ns/labels/1.0/',
} as const;

/** Whether a property belongs to a namespace, which may end with a slash or not. */
export function isIn({ namespace }: XmpProperty, of: keyof typeof xmpNamespaces): boolean {
  return `${namespace}/` === xmpNamespaces[of];
}

/** Whether a property says what kind of source a picture has. */
export function isSourceType(property: XmpProperty): boolean {
  return isIn(property, 'iptc') && property.name === 'DigitalSourceType';
}

/** What is written into a packet. */
export interface XmpStatement {
  /** URI of a term of https://cv.iptc.org/newscodes/digitalsourcetype/. */
  readonly digitalSourceType?: string;
  /** In the namespace of this project. */
  readonly own: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly aigc?: AigcBlock;
}

/**
 * A packet with what `source` says and these statements, which replace the source's kind of source and earlier statements of
 * this project. A source that is not well-formed is left out.
 */
export function statedXmp(source: string | undefined, { digitalSourceType, own, aigc }: XmpStatement): string {
  const scan = source === undefined ? undefined : scanXmp(source);
  // What a picture was before it was first derived from stays said.
  const earlier = scan?.properties.find((one) => isIn(one, 'own') && one.name === 'SourceType')?.value;
  const lines = [
    ...(digitalSourceType === undefined ? [] : [element('Iptc4xmpExt:DigitalSourceType', digitalSourceType)]),
    ...(aigc === undefined ? [] : [element('TC260:AIGC', JSON.stringify(aigc))]),
    ...Object.entries({ ...own, SourceType: own['SourceType'] ?? earlier }).flatMap(([name, value]) =>
      value === undefined ? [] : [element(`holodeck:${name}`, value)],
    ),
  ];
  const { iptc, tc260, own: ownNamespace } = xmpNamespaces;
  const opening = `<rdf:Description rdf:about="" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:Iptc4xmpExt="${iptc}" xmlns:TC260="${tc260}" xmlns:holodeck="${ownNamespace}">\n`;
  const closing = '</rdf:Description>\n';
  const description = `${opening}${lines.join('\n')}\n${closing}`;
  if (source === undefined || scan === undefined) return newPacket(description);
  let [kept, at] = ['', 0];
  for (const { start, end } of scan.properties.filter((one) => isSourceType(one) || isIn(one, 'own'))) {
    kept += source.slice(at, start);
    at = end;
  }
  kept += source.slice(at, scan.end);
  // An earlier statement leaves nothing behind.
  const emptied = kept.lastIndexOf(opening);
  if (emptied >= 0 && kept.slice(emptied + opening.length).trim() === closing.trim()) kept = kept.slice(0, emptied);
  return `${kept}${description}${source.slice(scan.end)}`;
}

function newPacket(description: string): string {
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
${description}</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`;
}

function element(name: string, value: string | readonly string[]): string {
  const content =
    typeof value === 'string'
      ? escaped(value)
      : `<rdf:Bag>${value.map((item) => `<rdf:li>${escaped(item)}</rdf:li>`).join('')}</rdf:Bag>`;
  return `<${name}>${content}</${name}>`;
}

/** Characters that XML does not allow are left out. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;' })[character] ?? '&gt;');
}
