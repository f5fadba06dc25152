/** What one submission that a provider accepts costs. Data, so that a bill's own figures can take its place. */
export interface Price {
  /**
   * One image, at 1024x1024 where size matters and at the highest quality where `byQuality` does not say more: what a
   * limit is kept by before anything is sent.
   */
  readonly perImage: number;
  /** ISO 4217, such as `"CNY"`. Amounts of different currencies are never added up or converted. */
  readonly currency: string;
  /** One image by the request's provider option `quality`. */
  readonly byQuality?: Readonly<Record<string, number>>;
  /** Whether an image of more than 1024x1024 pixels costs more, by its pixels. Default false. */
  readonly growsWithPixels?: boolean;
  /** What a million tokens cost: takes the place of the estimate once the provider has told how many it counted. */
  readonly perMillionTokens?: { readonly input: number; readonly output: number };
  /**
   * The most tokens that an image of 1024x1024 takes, by the request's provider option `quality`, and that a reference adds:
   * what a limit is kept by where tokens are charged. The estimate above is the usual amount.
   */
  readonly maxTokens?: { readonly output: Readonly<Record<string, number>>; readonly perReference: number };
  /** The page that the figures come from. */
  readonly source?: string;
  /** When they were read there, ISO 8601 (a day or a month). */
  readonly asOf?: string;
  /** What is known of the figures for sure; absent = the provider's own list price. */
  readonly note?: string;
}

/** Prices by `"<backend>/<model>"`, or by `"<backend>"` for all its models. */
export type PriceList = Readonly<Record<string, Price>>;
