import type { FaultRow } from './fault-row.ts';
import { downloadRows } from './download-rows.ts';
import { jobRows } from './job-rows.ts';
import { machineRows } from './machine-rows.ts';
import { submissionRows } from './submission-rows.ts';

/** The rows of the matrix, in the order of the documentation. */
export const faultRows: readonly FaultRow[] = [...submissionRows, ...jobRows, ...downloadRows, ...machineRows];
