/** Measures cards of one size and sends the figures to the parent: `worker.ts <plan as JSON>`. */
import { readFile } from 'node:fs/promises';
import { openCardWorkers } from '@holodeck/cards';
import sharp from 'sharp';
import { startMeasuring } from '../support/process-figures.ts';
import type { ProcessFigures } from '../support/process-figures.ts';

export interface CardPlan {
  readonly side: number;
  readonly isSharpFirst: boolean;
}

/** Of one card: the mean of several, except for the longest block of the event loop and the highest memory. */
export interface CardFigures {
  readonly blockMs: number;
  readonly cpuMs: number;
  readonly sharpMs: number;
  readonly timesPixels: number;
}

const cardsPerRound = 4;
const cardSide = 1024;
/** Of the chair, as a share of the picture. */
const chairHeight = 0.8;

/** A field of this process's status, in bytes. */
async function memory(field: 'VmHWM' | 'VmRSS'): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1024;
}

async function paintChair(side: number): Promise<Uint8Array> {
  const chair = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="${side}" height="${side}">
    <defs><linearGradient id="wood"><stop stop-color="#8c5f37"/><stop offset="1" stop-color="#5a3a20"/></linearGradient></defs>
    <rect width="100" height="100" fill="#eeeeec"/>
    <path fill="url(#wood)" fill-rule="evenodd"
      d="M27 10H73V55H76V90H70V62H30V90H24V55H27ZM33 16V50H46V16ZM52 16V50H67V16Z"/></svg>`;
  const { data, info } = await sharp(Buffer.from(chair)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let state = 1;
  for (let at = 0; at < data.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    data[at] = Math.min(255, data[at]! + (state >>> 30) - 1);
  }
  return sharp(data, { raw: info }).png().toBuffer();
}

async function measureCard(side: number, isSharpFirst: boolean): Promise<CardFigures> {
  const [small, picture] = [await paintChair(512), await paintChair(side)];
  const workers = openCardWorkers();
  await workers.prepareCard(small);
  globalThis.gc?.();
  const before = await memory('VmRSS');
  const { bytes: card } = await workers.prepareCard(picture);
  const timesPixels = ((await memory('VmHWM')) - before) / (side * side * 4);
  const object = await sharp(card).trim().toBuffer({ resolveWithObject: true });
  const { width, height } = object.info;
  // The object, as large as in the picture.
  const cut = await sharp(object.data)
    .resize(Math.round((width * chairHeight * side) / height), Math.round(chairHeight * side), { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const left = Math.floor((cardSide - width) / 2);
  const top = Math.floor((cardSide - height) / 2);
  const alone = async (): Promise<void> => {
    await sharp(picture).ensureAlpha().raw().toBuffer();
    await sharp(cut.data, { raw: cut.info })
      .resize(width, height, { fit: 'fill', kernel: 'cubic' })
      .extend({ left, top, right: cardSide - width - left, bottom: cardSide - height - top, background: '#0000' })
      .png({ compressionLevel: 6, adaptiveFiltering: false, palette: false })
      .toBuffer();
  };
  const repeat = async (work: () => Promise<unknown>): Promise<ProcessFigures> => {
    const measured = startMeasuring();
    for (let done = 0; done < cardsPerRound; done++) await work();
    return measured();
  };
  const sharpFirst = isSharpFirst ? await repeat(alone) : undefined;
  const ours = await repeat(() => workers.prepareCard(picture));
  const { cpuMs } = sharpFirst ?? (await repeat(alone));
  await workers.close();
  return { blockMs: ours.loopMaxMs, cpuMs: ours.cpuMs / cardsPerRound, sharpMs: cpuMs / cardsPerRound, timesPixels };
}

const { side, isSharpFirst } = JSON.parse(process.argv[2] ?? '') as CardPlan;
process.send?.(await measureCard(side, isSharpFirst), () => process.disconnect());
