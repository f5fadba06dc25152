/** The price of an accepted submission. Plain data, so that you can replace it with the figures of your bill. */
export interface Price {
  /**
   * One image: at 1024x1024 if the size matters, and at the highest quality unless `byQuality` has the price. Limits use it before
   * anything is sent.
   */
  readonly perImage: number;
  /** ISO 4217, such as `"CNY"`. Currencies are never added up or converted. */
  readonly currency: string;
  /** One image, by the provider option `quality`. */
  readonly byQuality?: Readonly<Record<string, number>>;
  /** One image by its pixels: the first tier that is large enough counts, and `perImage` above all of them. */
  readonly byPixels?: readonly { readonly upTo: number; readonly perImage: number }[];
  /** Whether an image of more than 1024x1024 pixels costs more, by its pixels. Default false. */
  readonly growsWithPixels?: boolean;
  /**
   * How GPT Image 2 and later count output tokens: a factor by the provider option `quality`, with which an image of
   * `width` x `height` has `ceil(f * round(f * short / long) * (2,000,000 + width * height) / 4,000,000)` tokens, so that
   * landscape costs less than square. Replaces `perImage`, where `perMillionTokens` is given too.
   */
  readonly edgeFactors?: Readonly<Record<string, number>>;
  /** The price of a million tokens: replaces the estimate once the provider has reported its count. */
  readonly perMillionTokens?: { readonly input: number; readonly output: number };
  /**
   * The highest number of tokens for a reference and for a preview, and of a 1024x1024 image by the provider option `quality`
   * (without `edgeFactors`). Limits use it if tokens are charged.
   */
  readonly maxTokens?: {
    readonly output?: Readonly<Record<string, number>>;
    readonly perReference: number;
    readonly perPreview?: number;
  };
  /** The page with the figures. */
  readonly source?: string;
  /** When they were read, ISO 8601 (a day or a month). */
  readonly asOf?: string;
  /** How reliable the figures are; absent = the provider's list price. */
  readonly note?: string;
}

/** Prices by `"<backend>/<model>"`, or by `"<backend>"` for all its models. */
export type PriceList = Readonly<Record<string, Price>>;
