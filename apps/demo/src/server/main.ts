/** `pnpm demo`: starts the demo and prints its address. */
import { fileURLToPath } from 'node:url';
import { renderMessage } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import type { DemoArguments } from './demo-arguments.ts';
import { languageOf, readDemoArguments, usage } from './demo-arguments.ts';
import { say } from './demo-messages.ts';
import { startEmulatedServices } from './emulated-services.ts';
import { openLiveServices, withEnvironmentFile } from './live-services.ts';
import { startDemoServer } from './start-demo.ts';

const language = languageOf(process.argv.slice(2));
const said = (message: Message): string => renderMessage(message, { language });
const root = fileURLToPath(new URL('../../../../', import.meta.url));

async function run({ live, host, port, out }: DemoArguments): Promise<void> {
  const outputDir = out ?? `${root}output/${live ? 'demo-live' : 'demo'}`;
  // Proxies and the folder for state are read from the process's own variables.
  if (live) Object.assign(process.env, withEnvironmentFile(`${root}.env`, process.env));
  const services = live ? await openLiveServices(process.env) : await startEmulatedServices();
  const server = await startDemoServer({ services, outputDir, host, port, makesOpening: true }).catch(
    async (error: unknown) => {
      await services.close();
      throw error;
    },
  );
  console.log(said(say(live ? 'on-live' : 'on-emulators')));
  for (const { name, message } of services.absent)
    console.log(`  ${said(say('absent', { name, reason: message[language] }))}`);
  console.log(`\n  ${server.url}\n\n${said(say('kept', { folder: outputDir }))}`);
  let isEnding = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (isEnding) process.exit(130);
      isEnding = true;
      void server
        .close()
        .then(() => services.close())
        .then(() => process.exit(0));
    });
  }
}

try {
  const given = readDemoArguments(process.argv.slice(2));
  if (given.help) console.log(usage[language]);
  else {
    await run(given).catch((error: unknown) => {
      const { code, message } = error as NodeJS.ErrnoException;
      console.error(code === 'EADDRINUSE' ? said(say('port-taken', { port: given.port })) : message);
      process.exitCode = 1;
    });
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage[language]}`);
  process.exitCode = 2;
}
