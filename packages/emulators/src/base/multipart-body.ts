/** A strict parser for `multipart/form-data` (RFC 7578). */

export interface Part {
  readonly name: string;
  /** Present for files. */
  readonly filename?: string;
  /** As sent; undefined when the part has no type of its own. */
  readonly type?: string;
  readonly content: Buffer;
}

/** The parts in their order; undefined when the body is not well formed. */
export function parseMultipart(contentType: string, body: Buffer): Part[] | undefined {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  const text = boundary?.[1] ?? boundary?.[2];
  if (text === undefined) return undefined;
  const delimiter = Buffer.from(`\r\n--${text}`);
  // The first delimiter may come without a line break before it.
  const whole = Buffer.concat([Buffer.from('\r\n'), body]);
  const parts: Part[] = [];
  let at = whole.indexOf(delimiter);
  while (at !== -1) {
    const start = at + delimiter.length;
    const ending = whole.toString('latin1', start, start + 2);
    if (ending === '--') return parts;
    if (ending !== '\r\n') return undefined;
    const next = whole.indexOf(delimiter, start);
    if (next === -1) return undefined;
    const part = parsePart(whole.subarray(start + 2, next));
    if (part === undefined) return undefined;
    parts.push(part);
    at = next;
  }
  return undefined;
}

function parsePart(bytes: Buffer): Part | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const headers = new Map<string, string>();
  for (const line of bytes.toString('utf8', 0, end).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon === -1) return undefined;
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get('content-disposition') ?? '';
  const name = parameter(disposition, 'name');
  if (!/^form-data\b/i.test(disposition) || name === undefined) return undefined;
  const filename = parameter(disposition, 'filename');
  const type = headers.get('content-type');
  return {
    name,
    ...(filename === undefined ? {} : { filename }),
    ...(type === undefined ? {} : { type }),
    content: bytes.subarray(end + 4),
  };
}

function parameter(header: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(header);
  const value = match?.[1] ?? match?.[2];
  return value?.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n');
}
