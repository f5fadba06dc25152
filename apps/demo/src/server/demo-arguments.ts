import { parseArgs } from 'node:util';
import { renderMessage } from '@holodeck/core/messages';
import type { Language, Message } from '@holodeck/core/messages';
import { say } from './demo-messages.ts';

/** The options of `pnpm demo`. */
export interface DemoArguments {
  readonly live: boolean;
  readonly port: number;
  readonly host: string;
  readonly out: string | undefined;
  readonly help: boolean;
}

/** Shown by `--help` and after a mistake. */
export const usage: Readonly<Record<Language, string>> = {
  en: `pnpm demo [options]

  --live          use the configured services (.env or environment) instead of emulators
  --port <port>   default 5180; 0 = any free one
  --host <host>   default 127.0.0.1; another host needs a token, which is printed
  --out <folder>  where sessions are kept; default output/demo, with --live output/demo-live
  --lang <lang>   language of the terminal: en (default) or zh
  --help
`,
  zh: `pnpm demo [选项]

  --live          使用已配置的服务（.env 或环境变量），而不是模拟器
  --port <端口>   默认 5180；0 = 任意空闲端口
  --host <主机>   默认 127.0.0.1；其他主机需要令牌，启动时会打印
  --out <目录>    保存会话的位置；默认 output/demo，加 --live 时为 output/demo-live
  --lang <语言>   终端的语言：en（默认）或 zh
  --help          显示此帮助
`,
};

/** The language of `--lang`, read before the other options so that their errors are in it too. */
export function languageOf(args: readonly string[]): Language {
  return /(?:^|\s)--lang[= ]zh(?:\s|$)/.test(args.join(' ')) ? 'zh' : 'en';
}

/** @throws Error that says which argument cannot be used. */
export function readDemoArguments(args: readonly string[]): DemoArguments {
  const { values } = parseArgs({
    // pnpm passes a separating `--` on.
    args: args.filter((argument, index) => !(index === 0 && argument === '--')),
    options: {
      live: { type: 'boolean', default: false },
      port: { type: 'string', default: '5180' },
      host: { type: 'string', default: '127.0.0.1' },
      out: { type: 'string' },
      lang: { type: 'string', default: 'en' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { live, host, out, help, lang } = values;
  const wrong = (message: Message): Error => new Error(renderMessage(message, { language: languageOf(args) }));
  if (lang !== 'en' && lang !== 'zh') throw wrong(say('bad-language', { language: lang }));
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw wrong(say('bad-port', { port: values.port }));
  }
  return { live, port, host, out, help };
}
