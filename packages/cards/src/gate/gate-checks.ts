import type { Message } from '@holodeck/core/messages';

import type { PictureAnalysis, TransparentAnalysis } from '../analyse-picture.ts';
import type { CardGateOptions } from './card-gate-options.ts';
import type { CardCheck, CardCheckName } from './card-gate-report.ts';
import { say } from '../card-messages.ts';
import type { Picture } from '../picture.ts';

type Limits = Required<CardGateOptions>;

/** Checks of the file and the frame. */
export function checkFrame(picture: Picture, limits: Limits): CardCheck[] {
  const { fileWidth, fileHeight, byteLength } = picture;
  const [short, long] = [Math.min(fileWidth, fileHeight), Math.max(fileWidth, fileHeight)];
  const difference = round((long - short) / long);
  const size = `${fileWidth}x${fileHeight}`;
  const bytes = byteLength;
  const { squareTolerance, minSide, maxBytes } = limits;
  return [
    atMost('square', difference, squareTolerance, say('square', { size }), say('not-square', { size })),
    atLeast('resolution', short, minSide, say('large-enough', { size }), say('too-small', { size, least: minSide })),
    atMost('file-size', bytes, maxBytes, say('small-file', { bytes }), say('large-file', { bytes, most: maxBytes })),
  ];
}

function atMost(name: CardCheckName, value: number, threshold: number, fine: Message, wrong: Message): CardCheck {
  const passed = value <= threshold;
  return { name, passed, value: round(value), threshold, ...(passed ? fine : wrong) };
}

function atLeast(name: CardCheckName, value: number, threshold: number, fine: Message, wrong: Message): CardCheck {
  const passed = value >= threshold;
  return { name, passed, value: round(value), threshold, ...(passed ? fine : wrong) };
}

/** Check of an alpha channel, if the picture has one. */
export function checkAlpha(analysis: PictureAnalysis, limits: Limits): CardCheck[] {
  const { hasAlpha, transparentShare } = analysis.picture;
  const { minTransparentShare } = limits;
  if (!hasAlpha) return [];
  if (analysis.kind === 'transparent' && transparentShare >= minTransparentShare)
    return [checkTranslucency(analysis, limits)];
  const share = percent(transparentShare);
  const found = transparentShare === 0 ? say('opaque-alpha') : say('little-alpha', { share });
  return [{ name: 'alpha', passed: false, value: round(transparentShare), threshold: minTransparentShare, ...found }];
}

function checkTranslucency({ picture, translucentShare }: TransparentAnalysis, limits: Limits): CardCheck {
  const passed = translucentShare <= limits.maxTranslucentShare;
  return {
    name: 'alpha',
    passed,
    value: round(passed ? picture.transparentShare : translucentShare),
    threshold: passed ? limits.minTransparentShare : limits.maxTranslucentShare,
    ...(passed
      ? say('alpha', { share: percent(picture.transparentShare) })
      : say('translucent', { share: percent(translucentShare) })),
  };
}

/** Checks of the ground, unless it is transparent. */
export function checkGround(analysis: PictureAnalysis, limits: Limits): CardCheck[] {
  if (analysis.kind === 'transparent') return [];
  const { borderShare, range, noise } = analysis.ground;
  const { minBorderShare, maxGroundRange, maxGroundNoise } = limits;
  const share = percent(borderShare);
  const [gradient, grain] = [Math.round(range), Math.round(noise)];
  return [
    atLeast(
      'ground-plain',
      borderShare,
      minBorderShare,
      say('plain-ground', { share }),
      say('no-plain-ground', { share }),
    ),
    atMost(
      'ground-gradient',
      range,
      maxGroundRange,
      say('even-ground', { levels: gradient }),
      say('uneven-ground', { levels: gradient, most: maxGroundRange }),
    ),
    atMost(
      'ground-noise',
      noise,
      maxGroundNoise,
      say('smooth-ground', { levels: grain }),
      say('rough-ground', { levels: grain, most: maxGroundNoise }),
    ),
  ];
}

/** Whether an object stands out, and whether its outline can be told from the ground. */
export function checkIsolation(analysis: PictureAnalysis, limits: Limits): CardCheck {
  const { picture, object } = analysis;
  const coverage = object.area / (picture.width * picture.height);
  const failed = (value: number, threshold: number, message: Message): CardCheck => ({
    name: 'isolated',
    passed: false,
    value: round(value),
    threshold,
    ...message,
  });
  if (coverage < limits.minCoverage)
    return failed(coverage, limits.minCoverage, say('nothing-there', { share: percent(coverage) }));
  const plate = plateShare(analysis);
  if (plate > limits.maxPlateShare) return failed(plate, limits.maxPlateShare, say('plate', { share: percent(plate) }));
  if (analysis.kind === 'opaque') {
    const { softEdges, faintLines, enclosedShare } = analysis;
    if (softEdges > limits.maxSoftEdgeShare)
      return failed(softEdges, limits.maxSoftEdgeShare, say('soft-edges', { share: percent(softEdges) }));
    if (faintLines > limits.maxFaintLines) return failed(faintLines, limits.maxFaintLines, say('faint-lines'));
    if (enclosedShare > limits.maxEnclosedShare)
      return failed(enclosedShare, limits.maxEnclosedShare, say('outline-only', { share: percent(enclosedShare) }));
  }
  return {
    name: 'isolated',
    passed: true,
    value: round(coverage),
    threshold: limits.minCoverage,
    ...say('isolated', { share: percent(coverage) }),
  };
}

/** An object that covers this share of its box is a rectangle, even with rounded corners. */
const plateCoverage = 0.97;

/** Share of the frame's side that the shorter side of a rectangular object takes; 0 for other objects. */
function plateShare({ picture: { width, height }, object: { box, area } }: PictureAnalysis): number {
  if (box === undefined) return 0;
  const [across, down] = [box.right - box.left, box.bottom - box.top];
  return area >= plateCoverage * across * down ? Math.min(across / width, down / height) : 0;
}

/** Checks of the object's number, place and size, if anything stands out. */
export function checkObject({ picture, object }: PictureAnalysis, limits: Limits): CardCheck[] {
  const { box, things } = object;
  if (box === undefined) return [];
  const side = Math.max(picture.width, picture.height);
  const margin = object.margin / side;
  const share = Math.max(box.right - box.left, box.bottom - box.top) / side;
  const { minMargin, minFrameShare, maxFrameShare } = limits;
  const room = { share: percent(margin) };
  const size = { share: percent(share) };
  const tooSmall = say('small-object', { ...size, least: percent(minFrameShare) });
  const tooLarge = say('large-object', { ...size, most: percent(maxFrameShare) });
  return [
    atMost('one-object', things, 1, say('one-object'), say('several-objects', { count: things })),
    atLeast('edge-contact', margin, minMargin, say('margin', room), say('touches-edge', room)),
    share < minFrameShare
      ? { name: 'frame-share', passed: false, value: round(share), threshold: minFrameShare, ...tooSmall }
      : atMost('frame-share', share, maxFrameShare, say('frame-share', size), tooLarge),
  ];
}

/** Check for a soft shadow, unless the ground is transparent or shadows are to be ignored. */
export function checkShadow(analysis: PictureAnalysis, limits: Limits): CardCheck[] {
  if (analysis.kind === 'transparent' || limits.shadow === 'ignore') return [];
  const { share, depth } = analysis.shadow;
  const found = say('shadow', { share: percent(share), depth: percent(depth) });
  const check = atMost('shadow', share, limits.maxShadowShare, say('no-shadow'), found);
  return [{ ...check, passed: check.passed || limits.shadow === 'warn' }];
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
