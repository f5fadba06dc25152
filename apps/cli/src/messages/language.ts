/** A language of the messages. */
export type Language = 'en' | 'zh';

/** All languages of the messages, the default first. */
export const languages: readonly Language[] = ['en', 'zh'];

/**
 * The language of a command line: `--lang`, else that of the locale: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is
 * not empty, as POSIX orders them (https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html), else, on
 * systems that use no such variables, the system's own language. Every Chinese locale gets Chinese, all others English.
 *
 * @param systemLocale The system's locale, such as `zh-CN`.
 */
export function chooseLanguage(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  // `Intl` would load much data at each start.
  systemLocale: string = navigator.language,
): Language {
  // A wrong value is refused later by the option's own check, whose error also needs a language.
  const asked = languageOption(args);
  if (asked !== undefined) return isChinese(asked) ? 'zh' : 'en';
  const locale = ['LC_ALL', 'LC_MESSAGES', 'LANG'].map((name) => environment[name]).find(Boolean);
  return isChinese(locale ?? systemLocale) ? 'zh' : 'en';
}

/** The value of `--lang`, read before the options are parsed, because parsing has its own messages. */
function languageOption(args: readonly string[]): string | undefined {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  const at = options.findLastIndex((argument) => argument === '--lang' || argument.startsWith('--lang='));
  const found = options[at];
  if (found === undefined) return undefined;
  return found === '--lang' ? options[at + 1] : found.slice('--lang='.length);
}

function isChinese(locale: string): boolean {
  return /^zh(?:$|[-_.@])/i.test(locale);
}
