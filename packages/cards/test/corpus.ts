import type { CardCheckName } from '../src/index.ts';
import { failingPictures } from './failing-pictures.ts';
import type { Painting } from './painter.ts';
import { passingPictures } from './passing-pictures.ts';

/** A generated picture and the expected verdicts. */
export interface CorpusCase {
  readonly name: string;
  readonly painting: Painting;
  /** The verdict on the picture as it is. */
  readonly expected: 'passed' | 'failed';
  /** Checks of which at least one must fail. */
  readonly because: readonly CardCheckName[];
  /** The verdict on what the normaliser makes of it. */
  readonly expectedCard: 'passed' | 'failed';
}

export const corpus: readonly CorpusCase[] = [
  ...passingPictures.map(([name, painting]): CorpusCase => ({
    name,
    painting,
    expected: 'passed',
    because: [],
    expectedCard: 'passed',
  })),
  ...failingPictures.map(([name, painting, because, repaired]): CorpusCase => ({
    name,
    painting,
    expected: 'failed',
    because,
    expectedCard: repaired === 'repaired' ? 'passed' : 'failed',
  })),
];
