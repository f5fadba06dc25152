/** Version of the gate's rules. Measure cards with verdicts of another version again. */
export const cardGateVersion = 3;

/**
 * Limits of the card gate. The defaults follow what image-to-3D models ask for: Tencent Hunyuan 3D takes sides of 128 to
 * 5000 pixels, 6 MB, a plain ground, and an object of more than half the frame (types of the SDK's ai3d v20250513); Stable Fast 3D and TripoSR crop the object to 0.85 of the frame and
 * look at 512 pixels; TRELLIS and Hunyuan3D-2 take an opaque alpha channel for a frame-filling object
 * (https://github.com/Tencent-Hunyuan/Hunyuan3D-2/issues/228). Shares are from 0 to 1.
 */
export interface CardGateOptions {
  /** Shortest side in pixels. Default 512, the size that most models look at. */
  readonly minSide?: number;
  /** Largest file in bytes. Default 6 MiB. */
  readonly maxBytes?: number;
  /** By how much the sides may differ, as a share of the longer one. Default 0.01. */
  readonly squareTolerance?: number;
  /** Least share of the frame's side that the longest side of the object's box takes. Default 0.5. */
  readonly minFrameShare?: number;
  /** Largest such share. Default 0.98. */
  readonly maxFrameShare?: number;
  /**
   * Largest share of the frame's side that a plain rectangle may take in both directions. Default 0.9: a larger one is a
   * scene in a frame.
   */
  readonly maxPlateShare?: number;
  /** Free margin between the object and each edge, as a share of the side. Default 0.005: five pixels of 1024. */
  readonly minMargin?: number;
  /** Least share of the frame that the object covers. Default 0.005: thin things such as a sword are objects. */
  readonly minCoverage?: number;
  /** Least share of the border that belongs to one ground. Default 0.75. */
  readonly minBorderShare?: number;
  /** Largest difference between two places of the ground in any of red, green and blue, in levels of 255. Default 32. */
  readonly maxGroundRange?: number;
  /** Largest standard deviation of the ground's grain and texture, in levels. Default 8. */
  readonly maxGroundNoise?: number;
  /** Largest share of the object's outline that may fade into the ground. Default 0.08. */
  readonly maxSoftEdgeShare?: number;
  /** Longest faint lines in the ground, as a multiple of the frame's side. Default 0.5. */
  readonly maxFaintLines?: number;
  /** Largest share of the object that is one region of the ground's colour. Default 0.7: more is a drawn outline. */
  readonly maxEnclosedShare?: number;
  /** What happens to a card with a soft shadow, reflection or glow on the ground. Default `fail`. */
  readonly shadow?: 'fail' | 'warn' | 'ignore';
  /** Largest share of the frame that such a shadow may take. Default 0.005. */
  readonly maxShadowShare?: number;
  /** With alpha: least share of pixels that are fully transparent. Default 0.02. */
  readonly minTransparentShare?: number;
  /** With alpha: largest share of the object, edges apart, that is partly transparent. Default 0.1. */
  readonly maxTranslucentShare?: number;
}

/** The gate's default limits. */
export const defaultCardGateOptions: Required<CardGateOptions> = {
  minSide: 512,
  maxBytes: 6 * 1024 * 1024,
  squareTolerance: 0.01,
  minFrameShare: 0.5,
  maxFrameShare: 0.98,
  maxPlateShare: 0.9,
  minMargin: 0.005,
  minCoverage: 0.005,
  minBorderShare: 0.75,
  maxGroundRange: 32,
  maxGroundNoise: 8,
  maxSoftEdgeShare: 0.08,
  maxFaintLines: 0.5,
  maxEnclosedShare: 0.7,
  shadow: 'fail',
  maxShadowShare: 0.005,
  minTransparentShare: 0.02,
  maxTranslucentShare: 0.1,
};

/** The options with their defaults. */
export function limitsOf(options: CardGateOptions = {}): Required<CardGateOptions> {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...defaultCardGateOptions, ...given };
}
