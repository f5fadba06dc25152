import type { Message } from '@holodeck/core/messages';

import type { Box } from '../components.ts';

/** What the gate looks at. Checks that do not apply to a picture are absent from its report. */
export type CardCheckName =
  | 'decodes'
  | 'square'
  | 'resolution'
  | 'file-size'
  | 'alpha'
  | 'ground-plain'
  | 'ground-gradient'
  | 'ground-noise'
  | 'isolated'
  | 'one-object'
  | 'edge-contact'
  | 'frame-share'
  | 'shadow';

/** One measurement and its limit; the message says what was found and, if the check failed, what to do. */
export interface CardCheck extends Message {
  readonly name: CardCheckName;
  readonly passed: boolean;
  /** What was measured. */
  readonly value: number;
  readonly threshold: number;
}

/**
 * What may be wrong although the object's outline is clear: pixels give a reason for it and cannot settle it, so that the
 * card does not fail. The message says where to look.
 */
export interface CardDoubt extends Message {
  readonly name: 'hard-shadow' | 'touching-objects' | 'reflection';
}

/** What the gate found on a card. Plain JSON. */
export interface CardGateReport {
  /** `cardGateVersion` of the rules that it follows. */
  readonly gateVersion: number;
  readonly verdict: 'passed' | 'failed';
  readonly checks: readonly CardCheck[];
  /** What a person should look at, as found on the picture as it was given. Empty = nothing was found. */
  readonly doubts: readonly CardDoubt[];
  /** Findings that do not make the card fail, the doubts' sentences among them. */
  readonly warnings: readonly Message[];
  /** What a verdict does not cover, because pixels cannot tell. */
  readonly notMeasured: readonly Message[];
  /** Absent if the bytes are not a picture. Sizes in pixels. */
  readonly image?: {
    readonly width: number;
    readonly height: number;
    readonly format: string;
    readonly hasAlpha: boolean;
    /** Share of fully transparent pixels. */
    readonly transparentShare: number;
  };
  /** Absent if nothing stands out from the ground. */
  readonly object?: {
    /** In pixels of the image; `right` and `bottom` are exclusive. */
    readonly box: Box;
    /** Longest side of the box as a share of the longest side of the image. */
    readonly frameShare: number;
    /** Share of the frame that the object covers. */
    readonly coverage: number;
    /** Distance of the box's middle from the frame's, as a share of the side: across and down. */
    readonly offset: readonly [number, number];
  };
  /** Of a picture without real alpha. Levels are of 255. */
  readonly ground?: {
    /** Red, green, blue. */
    readonly color: readonly [number, number, number];
    readonly range: number;
    readonly noise: number;
  };
}
