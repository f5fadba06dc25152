import type { OpaqueAnalysis, PictureAnalysis, TransparentAnalysis } from './analyse-picture.ts';
import type { CardGateOptions } from './card-gate-options.ts';
import type { CardCheck } from './card-gate-report.ts';
import type { Picture } from './picture.ts';

type Limits = Required<CardGateOptions>;

/** Checks of the file and the frame. */
export function checkFrame(picture: Picture, limits: Limits): CardCheck[] {
  const { fileWidth, fileHeight, byteLength } = picture;
  const [short, long] = [Math.min(fileWidth, fileHeight), Math.max(fileWidth, fileHeight)];
  const difference = round((long - short) / long);
  const size = `${fileWidth}x${fileHeight}`;
  return [
    {
      name: 'square',
      passed: difference <= limits.squareTolerance,
      value: difference,
      threshold: limits.squareTolerance,
      message:
        difference <= limits.squareTolerance
          ? `The picture is square (${size}).`
          : `The picture is ${size}, not square. Ask for a square size such as 1024x1024, or normalise the card.`,
    },
    {
      name: 'resolution',
      passed: short >= limits.minSide,
      value: short,
      threshold: limits.minSide,
      message:
        short >= limits.minSide
          ? `The picture is large enough (${size}).`
          : `The picture is ${size}; its sides have to be at least ${limits.minSide} pixels. Ask for a larger size.`,
    },
    {
      name: 'file-size',
      passed: byteLength <= limits.maxBytes,
      value: byteLength,
      threshold: limits.maxBytes,
      message:
        byteLength <= limits.maxBytes
          ? `The file is small enough (${byteLength} bytes).`
          : `The file has ${byteLength} bytes; ${limits.maxBytes} is the most. Ask for a smaller size, or normalise the card.`,
    },
  ];
}

/** Check of an alpha channel; none when there is no such channel. */
export function checkAlpha(analysis: PictureAnalysis, limits: Limits): CardCheck[] {
  const { hasAlpha, transparentShare } = analysis.picture;
  if (!hasAlpha) return [];
  if (analysis.kind === 'opaque' || transparentShare < limits.minTransparentShare) {
    const found =
      transparentShare === 0 ? 'is opaque everywhere' : `makes only ${percent(transparentShare)} of it transparent`;
    return [
      {
        name: 'alpha',
        passed: false,
        value: round(transparentShare),
        threshold: limits.minTransparentShare,
        message: `The picture has an alpha channel that ${found}, so that image-to-3D models take the whole frame for the object. Remove the channel or the ground, or normalise the card.`,
      },
    ];
  }
  return [checkTranslucency(analysis, limits)];
}

function checkTranslucency({ picture, translucentShare }: TransparentAnalysis, limits: Limits): CardCheck {
  const passed = translucentShare <= limits.maxTranslucentShare;
  return {
    name: 'alpha',
    passed,
    value: round(passed ? picture.transparentShare : translucentShare),
    threshold: passed ? limits.minTransparentShare : limits.maxTranslucentShare,
    message: passed
      ? `${percent(picture.transparentShare)} of the picture is fully transparent and the object is opaque.`
      : `${percent(translucentShare)} of the object is partly transparent. Describe it as solid and opaque, or make the card again.`,
  };
}

/** Checks of the ground; none when the ground is transparent. */
export function checkGround(analysis: PictureAnalysis, limits: Limits): CardCheck[] {
  if (analysis.kind === 'transparent') return [];
  const { borderShare, range, noise } = analysis.ground;
  return [
    {
      name: 'ground-plain',
      passed: borderShare >= limits.minBorderShare,
      value: round(borderShare),
      threshold: limits.minBorderShare,
      message:
        borderShare >= limits.minBorderShare
          ? `${percent(borderShare)} of the border is one plain ground.`
          : `Only ${percent(borderShare)} of the border is one plain ground: the picture is a scene, or the object fills it. Ask for a plain background in one colour.`,
    },
    {
      name: 'ground-gradient',
      passed: range <= limits.maxGroundRange,
      value: round(range),
      threshold: limits.maxGroundRange,
      message:
        range <= limits.maxGroundRange
          ? `The ground is even (its colour differs by ${round(range)} levels from place to place).`
          : `The ground's colour differs by ${round(range)} levels of 255 from place to place; ${limits.maxGroundRange} is the most. Ask for an even background without gradient or vignette.`,
    },
    {
      name: 'ground-noise',
      passed: noise <= limits.maxGroundNoise,
      value: round(noise),
      threshold: limits.maxGroundNoise,
      message:
        noise <= limits.maxGroundNoise
          ? `The ground is smooth (grain of ${round(noise)} levels).`
          : `The ground has a grain or texture of ${round(noise)} levels; ${limits.maxGroundNoise} is the most. Ask for a smooth background without texture.`,
    },
  ];
}

/** Whether an object stands out, and whether its outline can be told from the ground. */
export function checkIsolation(analysis: PictureAnalysis, limits: Limits): CardCheck {
  const { picture, object } = analysis;
  const coverage = object.area / (picture.width * picture.height);
  const failed = (value: number, threshold: number, message: string): CardCheck => ({
    name: 'isolated',
    passed: false,
    value: round(value),
    threshold,
    message,
  });
  if (coverage < limits.minCoverage)
    return failed(
      coverage,
      limits.minCoverage,
      `Almost nothing stands out from the ground (${percent(coverage)} of the frame). The object may have the ground's own colour: ask for a background that contrasts with it.`,
    );
  const plate = plateShare(analysis);
  if (plate > limits.maxPlateShare)
    return failed(
      plate,
      limits.maxPlateShare,
      `What stands out is a plain rectangle of ${percent(plate)} of the frame's side, such as a scene in a frame. Ask for a single object without frame or border.`,
    );
  if (analysis.kind === 'opaque') {
    const { softEdges, faintLines, enclosedShare } = analysis;
    if (softEdges > limits.maxSoftEdgeShare)
      return failed(
        softEdges,
        limits.maxSoftEdgeShare,
        `${percent(softEdges)} of the object's outline fades into the ground, so that the object cannot be told from it. Ask for a background that contrasts with the object, without shadow or glow.`,
      );
    if (faintLines > limits.maxFaintLines)
      return failed(
        faintLines,
        limits.maxFaintLines,
        'Parts of the picture have almost the colour of the ground, so that the object cannot be told from it. Ask for a background that contrasts with the object.',
      );
    if (enclosedShare > limits.maxEnclosedShare)
      return failed(
        enclosedShare,
        limits.maxEnclosedShare,
        `${percent(enclosedShare)} of the object has exactly the ground's colour: it may be only an outline. Ask for a background that contrasts with the object.`,
      );
  }
  return {
    name: 'isolated',
    passed: true,
    value: round(coverage),
    threshold: limits.minCoverage,
    message: `An object stands out from the ground (${percent(coverage)} of the frame).`,
  };
}

/** An object that covers this share of its box is a rectangle, its corners rounded or not. */
const plateCoverage = 0.97;

/** Share of the frame's side that the shorter side of a rectangular object takes; 0 = it is no rectangle. */
function plateShare({ picture: { width, height }, object: { box, area } }: PictureAnalysis): number {
  if (box === undefined) return 0;
  const [across, down] = [box.right - box.left, box.bottom - box.top];
  return area >= plateCoverage * across * down ? Math.min(across / width, down / height) : 0;
}

/** Checks of the object's number, place and size; none when nothing stands out. */
export function checkObject({ picture, object }: PictureAnalysis, limits: Limits): CardCheck[] {
  const { box, things } = object;
  if (box === undefined) return [];
  const side = Math.max(picture.width, picture.height);
  const margin = object.margin / side;
  const share = Math.max(box.right - box.left, box.bottom - box.top) / side;
  const small = share < limits.minFrameShare;
  const fits = !small && share <= limits.maxFrameShare;
  return [
    {
      name: 'one-object',
      passed: things === 1,
      value: things,
      threshold: 1,
      message:
        things === 1
          ? 'There is one object.'
          : `There are ${things} separate things in the picture. Ask for one single object without text, marks or loose pieces.`,
    },
    {
      name: 'edge-contact',
      passed: margin >= limits.minMargin,
      value: round(margin),
      threshold: limits.minMargin,
      message:
        margin >= limits.minMargin
          ? `The object keeps ${percent(margin)} of the side free to the nearest edge.`
          : `The object touches an edge of the picture (free margin ${percent(margin)} of the side), so that it may be cut off. Ask for the whole object with a margin all around.`,
    },
    {
      name: 'frame-share',
      passed: fits,
      value: round(share),
      threshold: small ? limits.minFrameShare : limits.maxFrameShare,
      message: fits
        ? `The object takes ${percent(share)} of the frame's side.`
        : small
          ? `The object takes only ${percent(share)} of the frame's side; ${percent(limits.minFrameShare)} is the least. Ask for an object that fills about 80 percent of the frame.`
          : `The object takes ${percent(share)} of the frame's side; ${percent(limits.maxFrameShare)} is the most. Ask for a margin all around.`,
    },
  ];
}

/** Check for a soft shadow; none with a transparent ground or when shadows are to be ignored. */
export function checkShadow(analysis: PictureAnalysis, limits: Limits): CardCheck[] {
  if (analysis.kind === 'transparent' || limits.shadow === 'ignore') return [];
  const { share, depth } = analysis.shadow;
  const passed = share <= limits.maxShadowShare;
  return [
    {
      name: 'shadow',
      passed: passed || limits.shadow === 'warn',
      value: round(share),
      threshold: limits.maxShadowShare,
      message: passed ? 'There is no soft shadow on the ground.' : shadowMessage({ share, depth }),
    },
  ];
}

function shadowMessage({ share, depth }: OpaqueAnalysis['shadow']): string {
  return `A soft shadow or glow covers ${percent(share)} of the picture (${percent(depth)} off the ground), which becomes a slab in 3D. Ask for no cast shadow and no reflection, or normalise the card.`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
