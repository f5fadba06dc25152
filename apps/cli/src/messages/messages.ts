import { chineseCommands } from './chinese-commands.ts';
import { chineseDoctor } from './chinese-doctor.ts';
import { chineseErrors } from './chinese-errors.ts';
import { chineseReports } from './chinese-reports.ts';
import { englishCommands } from './english-commands.ts';
import { englishDoctor } from './english-doctor.ts';
import { englishErrors } from './english-errors.ts';
import { englishReports } from './english-reports.ts';
import type { Language } from './language.ts';

/** Everything that the command line says, in one language. */
export interface Messages {
  readonly commands: typeof englishCommands;
  readonly reports: typeof englishReports;
  readonly errors: typeof englishErrors;
  readonly doctor: typeof englishDoctor;
}

/** The messages of each language. */
export const catalogue: Readonly<Record<Language, Messages>> = {
  en: { commands: englishCommands, reports: englishReports, errors: englishErrors, doctor: englishDoctor },
  zh: { commands: chineseCommands, reports: chineseReports, errors: chineseErrors, doctor: chineseDoctor },
};

let current: Language = 'en';

/** Chooses the language of `messages()` for this process, as the process has one terminal and one environment. */
export function setLanguage(language: Language): void {
  current = language;
}

/** The language that was chosen. Default: English. */
export function currentLanguage(): Language {
  return current;
}

/** What the command line says, in the language that was chosen. */
export function messages(): Messages {
  return catalogue[current];
}
