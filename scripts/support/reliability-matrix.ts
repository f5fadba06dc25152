import type { FaultRow, Play } from '../../test/faults/support/fault-row.ts';
import { faultRows } from '../../test/faults/support/fault-rows.ts';
import { serviceNames } from '../../test/faults/support/services.ts';

/** What stands between these lines of docs/reliability.md is written by `scripts/write-reliability.ts`. */
export const matrixBegin = '<!-- matrix: written by scripts/write-reliability.ts -->';
export const matrixEnd = '<!-- end of the matrix -->';

/** What each word of a cell means. A word without an entry is refused. */
const ends: Readonly<Record<string, string>> = {
  image: 'the image is in its place, whole',
  'not-submitted': 'nothing was sent',
  rejected: 'the service refused; nothing is owed',
  accepted: 'the service has the job or the answer is kept; the image can be fetched at no cost',
  failed: 'the service took the job and says that it ended without an image',
  lost: 'taken, and not to be had any more; making it again is a new submission',
  unknown:
    'nobody can tell whether it was taken; it is never sent again unless told to (`--resubmit-unknown`, `jobs pay-again`)',
};

const rowStates: Readonly<Record<string, string>> = {
  '-': 'no record: nothing was begun',
  submitting: 'the record is from before the answer; the next run asks the service',
  accepted: 'the job’s handle is on disk',
  ended: 'the job is over at the service, its image is to be fetched',
  received: 'the image is on disk under a temporary name',
  done: 'finished',
  rejected: 'may be sent again',
  failed: 'may be sent again',
  lost: 'may be sent again',
  unknown: 'stays until the user decides',
};

/** The matrix as Markdown: a table for each group of faults, then the reasons of cells that cannot be, and the words. */
export function reliabilityMatrix(): string {
  const reasons: string[] = [];
  const groups = Map.groupBy(faultRows, ({ group }) => group);
  const tables = [...groups].map(([group, rows]) => `### ${group}\n\n${table(rows, reasons)}`);
  return [
    ...tables,
    `Cells that cannot be:\n\n${reasons.map((reason, index) => `${index + 1}. ${reason}`).join('\n')}`,
    `How a run ends:\n\n${definitions(ends)}`,
    `What stands in the store then:\n\n${definitions(rowStates)}`,
  ].join('\n\n');
}

function table(rows: readonly FaultRow[], reasons: string[]): string {
  return [
    `| fault | ${serviceNames.join(' | ')} |`,
    `|---|${serviceNames.map(() => '---|').join('')}`,
    ...rows.map(
      ({ fault, plays }) => `| ${fault} | ${serviceNames.map((name) => cell(plays[name], reasons)).join(' | ')} |`,
    ),
  ].join('\n');
}

function cell(play: Play | string, reasons: string[]): string {
  if (typeof play !== 'string') return `${words(play.ends)}<br>again: ${words(play.again)}`;
  if (!reasons.includes(play)) reasons.push(play);
  return `– (${reasons.indexOf(play) + 1})`;
}

/** `quota:rejected rejected 1/0` in the words of the documentation. */
function words(text: string): string {
  const [end = '', row = '', count = ''] = text.split(' ');
  const [kind = '', outcome = kind] = end.split(':');
  explain(ends, outcome);
  explain(rowStates, row);
  const cause = kind === outcome ? '' : ` (${kind})`;
  return `**${outcome}**${cause}, \`${row}\`, ${count}`;
}

function explain(meanings: Readonly<Record<string, string>>, word: string): void {
  if (meanings[word] === undefined) throw new Error(`The matrix has the word ${word}, which nothing explains.`);
}

function definitions(meanings: Readonly<Record<string, string>>): string {
  return Object.entries(meanings)
    .map(([word, meaning]) => `- \`${word}\`: ${meaning}.`)
    .join('\n');
}

/** The document with the matrix between its two lines. @throws {Error} when the lines are missing. */
export function withMatrix(document: string): string {
  const [before, rest] = document.split(matrixBegin);
  const after = rest?.split(matrixEnd)[1];
  if (before === undefined || after === undefined)
    throw new Error(`The document lacks the lines ${matrixBegin} and ${matrixEnd}.`);
  return `${before}${matrixBegin}\n\n${reliabilityMatrix()}\n\n${matrixEnd}${after}`;
}
