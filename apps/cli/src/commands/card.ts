import { writeFile } from 'node:fs/promises';
import { format, parse, resolve } from 'node:path';

import { maxPictureBytes, readRegularFile } from '@holodeck/core/backend';
import { joinSentences } from '@holodeck/core/messages';

import { messages } from '../messages/messages.ts';
import { render } from '../messages/render.ts';
import { CommandError } from '../run/command-error.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { reasonOf } from '../run/reason-of.ts';
import type { RegisterCommand } from './register.ts';

interface CardOptions extends CommonOptions {
  readonly out?: string;
  readonly normalise: boolean;
}

export const registerCard: RegisterCommand = (program, finish) => {
  const { card: text } = messages().commands;
  const command = program
    .command('card')
    .description(text.about)
    .argument('<picture>', text.picture)
    .option('--out <file>', text.out)
    .option('--no-normalise', text.noNormalise);
  withCommonOptions(command).action(async (picture: string, options: CardOptions) =>
    finish(await runCommandBody(options, (run) => card(picture, options, run))),
  );
};

async function card(picture: string, options: CardOptions, run: CommandRun): Promise<ExitCode> {
  const { card: errors } = messages().errors;
  const out = options.out ?? format({ ...parse(picture), base: `${parse(picture).name}.card.png` });
  if (resolve(out) === resolve(picture)) throw new CommandError(errors.samePath(picture));
  const original = await readPicture(picture, run.signal);
  const { prepareCard } = await import('@holodeck/cards');
  const { cardsWithRemover } = await import('@holodeck/hybrid');
  const cards = cardsWithRemover({ normalise: options.normalise });
  const { bytes, ...found } = await prepareCard(original, cards === false ? {} : cards);
  if (found.changed) {
    await writeFile(out, bytes).catch((error: unknown) => {
      throw new CommandError(errors.cannotWrite(out, reasonOf(error)));
    });
  }
  const path = found.changed ? out : picture;
  run.print({ path, ...found }, path);
  const { labelled, cardNotIsolated } = messages().reports;
  for (const warning of found.gate.warnings) run.warn(labelled(picture, render(warning)));
  const failed = found.gate.checks.filter(({ passed }) => !passed);
  if (failed.length > 0) {
    run.error(cardNotIsolated(picture, render(joinSentences(...failed))));
    return exitCodes.failed;
  }
  const skipped = found.normalised?.skipped;
  if (skipped !== undefined) run.view.note(labelled(picture, render(skipped)));
  return exitCodes.done;
}

async function readPicture(picture: string, signal: AbortSignal): Promise<Uint8Array> {
  const { card: errors } = messages().errors;
  try {
    return await readRegularFile(picture, maxPictureBytes, signal);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'EISDIR' || reason === 'ENOTREG') throw new CommandError(errors.notFile(picture));
    if (reason === 'EFBIG') throw new CommandError(errors.tooLarge(picture, maxPictureBytes));
    throw new CommandError(errors.cannotRead(picture, reason));
  }
}
