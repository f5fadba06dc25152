/**
 * `@holodeck/core/labels`: reads and writes what PNG, JPEG and WebP files say about their making: the AIGC block of
 * GB 45438-2025, XMP with IPTC's `DigitalSourceType`, EXIF fields, and whether there is a C2PA manifest. Pure; touches no pixels.
 *
 * @module
 */
export { aigcBlock } from './aigc-block.ts';
export type { AigcBlock, AigcField } from './aigc-block.ts';
export type { ExifField, ExifFields } from './exif-fields.ts';
export { labelPicture, labelsOf, readLabels } from './labels.ts';
export type { DerivedLabel, PictureLabels } from './labels.ts';
export { readMetadata } from './picture-metadata.ts';
export type { PictureMetadata } from './picture-metadata.ts';
