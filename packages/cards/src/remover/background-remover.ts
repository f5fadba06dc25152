/**
 * Cuts objects out where colours alone cannot: a model, or a service of your own. It is only asked about pictures whose ground is
 * not plain.
 */
export interface BackgroundRemover {
  /** Names it in verdicts. Another name measures stored cards again, so a version belongs in it: `imgly-1.4 medium`. */
  readonly name: string;
  /**
   * Resolves with the same picture, as wide and high as before, transparent where the object is not. If it rejects, or answers
   * anything else, the card stays as it is, and its report says why. It runs in the caller's thread: long work belongs in others.
   *
   * @param png The picture as PNG, upright, in sRGB, without metadata.
   * @param signal Aborts after two minutes, when the answer does not count any more.
   */
  removeBackground(png: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Uint8Array>;
}
