import type { FaultInput } from '@holodeck/emulators';
import type { DirectRow, Play } from './fault-row.ts';

const group = 'The download' as const;
const deadlineMs = 300_000;

const well = { ends: 'image done 1/1', again: 'image done 0/0' };
const inAnswer = 'the image is in the answer to the submission: see there';

/** The same fault at the three places where images are fetched. */
function downloads(fault: FaultInput, outcome: Omit<Play, 'faults'>): DirectRow['plays'] {
  const play = (operation: string): Play => ({ faults: [{ ...fault, operation }], ...outcome });
  return {
    Hunyuan: play('download'),
    'Hy-Image 3.5': play('download'),
    OpenAI: inAnswer,
    'OpenAI-compatible': play('download'),
    ComfyUI: play('view'),
  };
}

/** Faults during the download of the finished image. */
export const downloadRows: readonly DirectRow[] = [
  {
    group,
    fault: 'The connection is reset, once',
    plays: downloads({ kind: 'reset-before-accept', nth: 1 }, well),
  },
  { group, fault: 'The image is cut short, once', plays: downloads({ kind: 'truncate', nth: 1 }, well) },
  {
    group,
    fault: 'A web page comes instead of the image, once',
    plays: downloads({ kind: 'wrong-content', nth: 1 }, well),
  },
  {
    group,
    fault: 'A web page comes instead of the image, every time',
    plays: downloads({ kind: 'wrong-content' }, { ends: 'bad-response:accepted ended 1/1', again: 'image done 0/0' }),
  },
  {
    group,
    fault: 'The image host answers 500, twice',
    plays: downloads({ kind: 'http-status', status: 500, nth: [1, 2] }, well),
  },
  { group, fault: 'The image drips in', plays: downloads({ kind: 'drip', bytesPerSecond: 200_000, nth: 1 }, well) },
  {
    group,
    fault: 'The image stalls half-way until the deadline',
    plays: downloads(
      { kind: 'stall-body' },
      {
        struck: { kind: 'stall-body', act: ({ clock }) => clock.advance(deadlineMs) },
        ends: 'timeout:accepted ended 1/1',
        again: 'image done 0/0',
      },
    ),
  },
  {
    group,
    fault: 'The image’s URL has expired',
    plays: (() => {
      const lost = { ends: 'job-failed:lost lost 1/1', again: 'image done 1/1' };
      return {
        ...downloads({ kind: 'expire-url' }, lost),
        ComfyUI: {
          faults: [
            {
              kind: 'http-status',
              status: 404,
              operation: 'view',
              headers: { 'content-type': 'application/octet-stream' },
            },
          ],
          // It is free, so it is sent again by itself, once.
          ends: 'job-failed:lost lost 2/2',
          again: 'image done 1/1',
        },
      };
    })(),
  },
];
