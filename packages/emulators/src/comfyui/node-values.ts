/** What flows along the links of a graph: enough to paint the picture in the end. */
import { withBytes } from '../base/paint-png.ts';
import { paintPicture } from '../pictures/paint-picture.ts';
import type { ModelKind } from './models/model-kinds.ts';
import { encodePng } from '../base/png-encoder.ts';

/** A picture to be: how it is painted, and how many. */
export interface ImageValue {
  readonly kind: 'image';
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** Paints one of the batch. */
  readonly paint: (index: number, text: Readonly<Record<string, string>>, bytes: number | undefined) => Promise<Buffer>;
  /** Paints it with nothing behind the object. */
  readonly paintCutOut?: ImageValue['paint'];
  /** What the colours of later pictures follow. */
  readonly look: string;
  /** The bytes of a picture that was uploaded: the palette of what follows it is taken from them. */
  readonly source?: Uint8Array;
}

export interface LatentValue {
  readonly kind: 'latent';
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly prompt?: string;
  readonly seed?: number;
  readonly look?: string;
  readonly source?: Uint8Array;
  /** The VAE that reads it. */
  readonly vae?: string;
}

export interface ConditioningValue {
  readonly kind: 'conditioning';
  readonly text: string;
  /** The encoder that wrote it. */
  readonly encoder?: string;
  /** A picture whose look is followed. */
  readonly source?: Uint8Array;
}

/** What a picture shows, as far as it matters: 1 = the object. */
export interface MaskValue {
  readonly kind: 'mask';
  readonly objectIsOne: boolean;
}

/** Models, samplers, noise: things that are only passed on. */
export interface OtherValue {
  readonly kind: 'other';
  readonly seed?: number;
  readonly text?: string;
  readonly steps?: number;
  readonly number?: number;
  /** What a model, an encoder or a VAE is. */
  readonly model?: ModelKind;
  readonly encoder?: string;
  readonly vae?: string;
  /** A picture whose look is followed. */
  readonly source?: Uint8Array;
}

/** A blocked branch; the message is told once it reaches an output. */
export interface BlockedValue {
  readonly kind: 'blocked';
  readonly message: string | undefined;
}

export type NodeValue = ImageValue | LatentValue | ConditioningValue | MaskValue | OtherValue | BlockedValue;

/** A plain picture of one colour. */
export function plainImage(width: number, height: number, count: number, color: number): ImageValue {
  const pixel = [(color >> 16) & 255, (color >> 8) & 255, color & 255];
  return {
    kind: 'image',
    width,
    height,
    count,
    look: `color ${color}`,
    paint: async (_index, text, bytes) =>
      withBytes(bytes, `color ${color}`, (padding) =>
        encodePng({
          width,
          height,
          channels: 3,
          text: { Software: 'Holodeck image emulator', ...text },
          ...(padding === undefined ? {} : { padding }),
          drawRow: (_y, row) => {
            for (let at = 0; at < row.length; at += 1) row[at] = pixel[at % 3] ?? 0;
          },
        }),
      ),
  };
}

/** The picture that a latent decodes to. */
export function paintedImage(latent: LatentValue): ImageValue {
  const { width, height, count, prompt = '', seed = 0, look, source } = latent;
  const paint =
    (transparent: boolean): ImageValue['paint'] =>
    (index, text, bytes) =>
      paintPicture({
        painter: 'comfyui',
        width,
        height,
        prompt,
        seed: seed + index,
        text,
        ...(transparent ? { transparent } : {}),
        ...(look === undefined ? {} : { look }),
        ...(source && { reference: source }),
        ...(bytes === undefined ? {} : { bytes }),
      });
  return {
    kind: 'image',
    width,
    height,
    count,
    look: look ?? `${prompt} ${seed}`,
    ...(source && { source }),
    paint: paint(false),
    paintCutOut: paint(true),
  };
}
