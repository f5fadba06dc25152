import { messageOf } from '@holodeck/core/messages';

import type { PictureAnalysis } from '../analyse-picture.ts';
import type { CardGateOptions } from './card-gate-options.ts';
import { cardGateVersion } from './card-gate-options.ts';
import type { CardCheck, CardDoubt, CardGateReport } from './card-gate-report.ts';
import { say } from '../card-messages.ts';
import { checkAlpha, checkFrame, checkGround, checkIsolation, checkObject, checkShadow } from './gate-checks.ts';

/** The report on bytes that are not a picture. */
export function undecodable(): CardGateReport {
  return {
    gateVersion: cardGateVersion,
    verdict: 'failed',
    checks: [{ name: 'decodes', passed: false, value: 0, threshold: 1, ...say('undecodable') }],
    doubts: [],
    warnings: [],
    notMeasured: [],
  };
}

/**
 * The verdict on a picture that has been analysed: whether it is a card that image-to-3D models can use, one whole object on
 * a plain or truly transparent ground. `notMeasured` says what is not looked at. Pure.
 */
export function reportOn(
  analysis: PictureAnalysis,
  limits: Required<CardGateOptions>,
  doubts: readonly CardDoubt[],
): CardGateReport {
  const { picture } = analysis;
  const checks: CardCheck[] = [
    { name: 'decodes', passed: true, value: 1, threshold: 1, ...say('decodes', { format: picture.format }) },
    ...checkFrame(picture, limits),
    ...checkAlpha(analysis, limits),
    ...checkGround(analysis, limits),
    checkIsolation(analysis, limits),
    ...checkObject(analysis, limits),
    ...checkShadow(analysis, limits),
  ];
  const shadow = checks.find(({ name }) => name === 'shadow');
  const warnings = shadow?.passed === true && shadow.value > shadow.threshold ? [messageOf(shadow)] : [];
  return {
    gateVersion: cardGateVersion,
    verdict: checks.every(({ passed }) => passed) ? 'passed' : 'failed',
    checks,
    doubts,
    warnings: [...warnings, ...doubts.map(messageOf)],
    notMeasured: [say('not-looked-at'), say('parts-not-told')],
    image: {
      width: picture.fileWidth,
      height: picture.fileHeight,
      format: picture.format,
      hasAlpha: picture.hasAlpha,
      transparentShare: picture.transparentShare,
    },
    ...objectOf(analysis),
    ...(analysis.kind === 'opaque'
      ? { ground: { color: analysis.ground.color, range: analysis.ground.range, noise: analysis.ground.noise } }
      : {}),
  };
}

function objectOf({ picture, object }: PictureAnalysis): Pick<CardGateReport, 'object'> {
  const { box, area } = object;
  if (box === undefined) return {};
  const { width, height } = picture;
  const scale = picture.fileWidth / width;
  const side = Math.max(width, height);
  return {
    object: {
      box: {
        left: Math.floor(box.left * scale),
        top: Math.floor(box.top * scale),
        right: Math.ceil(box.right * scale),
        bottom: Math.ceil(box.bottom * scale),
      },
      frameShare: Math.max(box.right - box.left, box.bottom - box.top) / side,
      coverage: area / (width * height),
      offset: [(box.left + box.right - width) / 2 / side, (box.top + box.bottom - height) / 2 / side],
    },
  };
}
