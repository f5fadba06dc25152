import { deflateSync } from 'node:zlib';
import { pngChunk } from '../images/sample-images.ts';

/** An XMP packet as a service writes it: a creator, IPTC's kind of source, and what else is given. */
export function xmpPacket(further = '', digitalSourceType = 'trainedAlgorithmicMedia'): string {
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/${digitalSourceType}"><xmp:CreatorTool>A &amp; B</xmp:CreatorTool></rdf:Description>${further}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;
}

/** The AIGC block as TC260's guide puts it into XMP. */
export function aigcInXmp(json: string): string {
  return `<rdf:Description rdf:about="" xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"><TC260:AIGC>${json.replaceAll('"', '&quot;')}</TC260:AIGC></rdf:Description>`;
}

/** A JUMBF box with the label of C2PA, without contents. */
const jumbf = Buffer.from('\0\0\0\x2djumb\0\0\0\x25jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03c2pa\0', 'latin1');

/** The file with a C2PA manifest. */
export function withC2pa(file: Uint8Array): Uint8Array {
  const bytes = Buffer.from(file);
  if (bytes[0] === 0x89) return withPngChunks(bytes, pngChunk('caBX', jumbf));
  if (bytes[0] === 0xff) {
    const data = Buffer.concat([Buffer.from('JP\0\x01\0\0\0\x01', 'latin1'), jumbf]);
    return withSegment(bytes, 0xeb, data);
  }
  return withRiffChunk(bytes, 'C2PA', jumbf);
}

/** The PNG file with further chunks after its header. */
export function withPngChunks(file: Uint8Array, ...chunks: readonly Uint8Array[]): Buffer {
  return Buffer.concat([file.subarray(0, 33), ...chunks, file.subarray(33)]);
}

/** The JPEG file with a further segment at its start. */
export function withSegment(file: Uint8Array, marker: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 0xff]);
  return Buffer.concat([file.subarray(0, 2), head, data, file.subarray(2)]);
}

/** The WebP file with a further chunk at its end. */
export function withRiffChunk(file: Uint8Array, name: string, data: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(data.length, 4);
  const whole = Buffer.concat([file, head, data, Buffer.alloc(data.length % 2)]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}

/** The three kinds of text of PNG. */
export const pngTexts = {
  tEXt: (keyword: string, text: string): Buffer => pngChunk('tEXt', Buffer.from(`${keyword}\0${text}`)),
  zTXt: (keyword: string, text: string): Buffer =>
    pngChunk('zTXt', Buffer.concat([Buffer.from(`${keyword}\0\0`), deflateSync(text)])),
  iTXt: (keyword: string, text: string): Buffer => pngChunk('iTXt', Buffer.from(`${keyword}\0\0\0zh\0x\0${text}`)),
  'compressed iTXt': (keyword: string, text: string): Buffer =>
    pngChunk('iTXt', Buffer.concat([Buffer.from(`${keyword}\0\x01\0\0\0`), deflateSync(text)])),
} as const;
