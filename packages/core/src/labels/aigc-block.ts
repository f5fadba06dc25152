/** A field of the block. */
export type AigcField =
  | 'Label'
  | 'ContentProducer'
  | 'ProduceID'
  | 'ReservedCode1'
  | 'ContentPropagator'
  | 'PropagateID'
  | 'ReservedCode2';

/** All of them, in the order of the standard. */
const aigcFields: readonly AigcField[] = [
  'Label',
  'ContentProducer',
  'ProduceID',
  'ReservedCode1',
  'ContentPropagator',
  'PropagateID',
  'ReservedCode2',
];

/**
 * The implicit label that GB 45438-2025 puts into a file's metadata, as its annex E names the fields. `Label` is `"1"` for
 * generated content, `"2"` for content that may be, `"3"` for content that is suspected to be.
 *
 * @see https://www.tc260.org.cn/front/postDetail.html?id=20250828165129
 */
export type AigcBlock = Readonly<Partial<Record<AigcField, string>>>;

/** Longer values are no labels. The longest that is known, a signature in `ReservedCode1`, has a few hundred characters. */
const mostCharacters = 4096;

/** The block of generated content: who made it, and the number that its maker gave it. */
export function aigcBlock(producer: string, produceId: string): AigcBlock {
  return {
    Label: '1',
    ContentProducer: producer,
    ProduceID: produceId,
    ReservedCode1: '',
    ContentPropagator: '',
    PropagateID: '',
    ReservedCode2: '',
  };
}

/** Reads the block from JSON, bare or inside `{"AIGC": ...}`; undefined if it is not one. */
export function parseAigcBlock(text: string): AigcBlock | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const inner = isObject(value) && isObject(value['AIGC']) ? value['AIGC'] : value;
    return isObject(inner) ? pickAigcBlock(inner) : undefined;
  } catch {
    return undefined;
  }
}

/** The fields of the block among others; undefined if there are none. */
export function pickAigcBlock(fields: Readonly<Record<string, unknown>>): AigcBlock | undefined {
  const found: Partial<Record<AigcField, string>> = {};
  for (const name of aigcFields) {
    const value = fields[name];
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    const text = String(value);
    if (text.length <= mostCharacters) found[name] = text;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
