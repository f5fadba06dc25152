import { parseAigcBlock, pickAigcBlock } from './aigc-block.ts';
import type { AigcBlock } from './aigc-block.ts';
import type { ExifFields } from './exif-fields.ts';
import { readMetadata, writeMetadata } from './picture-metadata.ts';
import type { PictureMetadata } from './picture-metadata.ts';
import { isIn, isSourceType, statedXmp } from './xmp-packet.ts';
import type { XmpStatement } from './xmp-packet.ts';
import { scanXmp } from './xmp-scan.ts';

/** What a picture file says about its making. */
export interface PictureLabels {
  /** The AIGC block of GB 45438-2025. */
  readonly aigc?: AigcBlock;
  /** The kind of its source, as the file says it: mostly a URI of https://cv.iptc.org/newscodes/digitalsourcetype/. */
  readonly digitalSourceType?: string;
  /** EXIF fields about the making. */
  readonly exif?: ExifFields;
  /** There is a C2PA manifest. Nobody verified it here. */
  readonly c2pa?: true;
}

/** What is said of a picture that was derived from others. */
export interface DerivedLabel {
  /** Term of IPTC's vocabulary: made by a model, or composed with parts that a model made. */
  readonly digitalSourceType: 'trainedAlgorithmicMedia' | 'compositeWithTrainedAlgorithmicMedia';
  readonly backend?: string;
  readonly model?: string;
  readonly jobId?: string;
  /** Written unless the source brings a block along: a file has only one. */
  readonly aigc?: AigcBlock;
  /** Of a picture composed of several: a line for each. */
  readonly ingredients?: readonly string[];
}

/** A longer packet of a source stays behind, so that the whole one fits into a segment of JPEG. */
const mostCarriedBytes = 49_152;

/** URI of IPTC's vocabulary of digital source types. */
const vocabulary = 'http://cv.iptc.org/newscodes/digitalsourcetype/';

/** What a PNG, JPEG or WebP file says about its making; nothing for other files and broken metadata. Never throws. */
export function readLabels(bytes: Uint8Array): PictureLabels {
  return labelsOf(readMetadata(bytes));
}

/** What metadata say. */
export function labelsOf({ aigcText, xmp, exif, c2pa }: PictureMetadata): PictureLabels {
  const properties = (xmp === undefined ? undefined : scanXmp(xmp))?.properties ?? [];
  const ofStandard = properties.filter((one) => isIn(one, 'tc260'));
  const inXmp = ofStandard.find(({ name }) => name === 'AIGC')?.value;
  const aigc =
    (aigcText === undefined ? undefined : parseAigcBlock(aigcText)) ??
    (inXmp === undefined ? undefined : parseAigcBlock(inXmp)) ??
    pickAigcBlock(Object.fromEntries(ofStandard.map(({ name, value }) => [name, value]))) ??
    (exif?.UserComment === undefined ? undefined : parseAigcBlock(exif.UserComment));
  const digitalSourceType = properties.find(isSourceType)?.value;
  return {
    ...(aigc === undefined ? {} : { aigc }),
    ...(digitalSourceType === undefined || digitalSourceType === '' ? {} : { digitalSourceType }),
    ...(exif === undefined ? {} : { exif }),
    ...(c2pa === undefined ? {} : { c2pa }),
  };
}

/**
 * A newly encoded picture with the labels of the one that it was derived from, and a label of its own. Without `label` it is
 * given only the source's. What `bytes` said itself is replaced; a C2PA manifest of the source stays behind, as it signs other
 * bytes. Pixels stay as they are. Never throws: what is not a PNG, JPEG or WebP file is returned unchanged.
 */
export function labelPicture(bytes: Uint8Array, source: PictureMetadata, label?: DerivedLabel): Uint8Array {
  const { aigcText, exif } = source;
  const isPng = bytes[0] === 0x89;
  const carried = labelsOf(source);
  // Only PNG has a place for the text.
  const homeless = isPng || aigcText === undefined ? undefined : carried.aigc;
  const xmp = packetOf(source.xmp, carried, homeless, label);
  return writeMetadata(bytes, {
    ...(isPng && aigcText !== undefined ? { aigcText } : {}),
    ...(xmp === undefined ? {} : { xmp }),
    ...(exif === undefined ? {} : { exif }),
  });
}

function packetOf(
  given: string | undefined,
  carried: PictureLabels,
  homeless: AigcBlock | undefined,
  label: DerivedLabel | undefined,
): string | undefined {
  const source = isCarried(given) ? given : undefined;
  if (label === undefined && homeless === undefined) return source;
  const aigc = homeless ?? (carried.aigc === undefined ? label?.aigc : undefined);
  const digitalSourceType = label === undefined ? carried.digitalSourceType : typeOf(label, carried);
  return statedXmp(source, {
    own: label === undefined ? {} : ownStatement(label, carried, digitalSourceType),
    ...(digitalSourceType === undefined ? {} : { digitalSourceType }),
    ...(aigc === undefined ? {} : { aigc }),
  });
}

function isCarried(packet: string | undefined): packet is string {
  return packet !== undefined && Buffer.byteLength(packet) <= mostCarriedBytes && scanXmp(packet) !== undefined;
}

/** What was composed once stays composed. */
function typeOf({ digitalSourceType }: DerivedLabel, carried: PictureLabels): string {
  const composite = 'compositeWithTrainedAlgorithmicMedia';
  const isComposite = carried.digitalSourceType === `${vocabulary}${composite}`;
  return `${vocabulary}${isComposite ? composite : digitalSourceType}`;
}

function ownStatement(
  { backend, model, jobId, ingredients }: DerivedLabel,
  { digitalSourceType: earlier }: PictureLabels,
  digitalSourceType: string | undefined,
): XmpStatement['own'] {
  const sourceType = earlier === digitalSourceType ? undefined : earlier;
  return { Backend: backend, Model: model, JobId: jobId, SourceType: sourceType, Ingredients: ingredients };
}
