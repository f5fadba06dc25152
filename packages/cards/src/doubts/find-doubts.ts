import type { PictureAnalysis } from '../analyse-picture.ts';
import { say } from '../card-messages.ts';
import type { CardDoubt } from '../gate/card-gate-report.ts';
import { hardShadowShare } from './hard-shadow.ts';
import { gridOf } from './object-grid.ts';
import { reflectionShare } from './reflection.ts';
import { secondObjectShare } from './touching-objects.ts';

/** What may be wrong with the object although its outline is clear. Pixels give a reason for it and cannot settle it. */
export function findDoubts(analysis: PictureAnalysis): CardDoubt[] {
  const grid = gridOf(analysis);
  if (grid === undefined) return [];
  const found = [
    { name: 'hard-shadow', share: hardShadowShare(grid) },
    { name: 'touching-objects', share: secondObjectShare(grid) },
    { name: 'reflection', share: reflectionShare(grid) },
  ] as const;
  return found
    .filter(({ share }) => share > 0)
    .map(({ name, share }) => ({ name, ...say(`perhaps-${name}`, { share: `${Math.round(share * 100)} %` }) }));
}
