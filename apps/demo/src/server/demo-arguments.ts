import { parseArgs } from 'node:util';

/** What `pnpm demo` is told. */
export interface DemoArguments {
  readonly live: boolean;
  readonly port: number;
  readonly host: string;
  readonly out: string | undefined;
  readonly help: boolean;
}

/** Shown by `--help`, and after a mistake. */
export const usage: string = `pnpm demo [options]

  --live          use the configured services (.env or environment) instead of emulators
  --port <port>   default 5180; 0 = any free one
  --host <host>   default 127.0.0.1; elsewhere a token is needed, and printed
  --out <folder>  where sessions are kept; default output/demo, with --live output/demo-live
  --help
`;

/** @throws Error that says which argument cannot be used. */
export function readDemoArguments(args: readonly string[]): DemoArguments {
  const { values } = parseArgs({
    // pnpm hands a separating `--` on.
    args: args.filter((argument, index) => !(index === 0 && argument === '--')),
    options: {
      live: { type: 'boolean', default: false },
      port: { type: 'string', default: '5180' },
      host: { type: 'string', default: '127.0.0.1' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { live, host, out, help } = values;
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new Error(`--port ${values.port} is not a port: use a whole number from 0 to 65535.`);
  }
  return { live, port, host, out, help };
}
