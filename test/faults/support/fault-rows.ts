import { batchPlays } from './batch-plays.ts';
import type { DirectRow, FaultRow } from './fault-row.ts';
import { downloadRows } from './download-rows.ts';
import { jobRows } from './job-rows.ts';
import { machineRows } from './machine-rows.ts';
import { submissionRows } from './submission-rows.ts';

/** The row with its play against batches; a play for every service counts there too. */
function withBatch(row: DirectRow): FaultRow {
  const play = batchPlays[row.fault] ?? row.plays.OpenAI;
  return { ...row, plays: { ...row.plays, 'OpenAI batch': play } };
}

/** The rows of the matrix, in the order of the documentation. */
export const faultRows: readonly FaultRow[] = [
  ...[...submissionRows, ...jobRows, ...downloadRows].map(withBatch),
  ...machineRows,
];
