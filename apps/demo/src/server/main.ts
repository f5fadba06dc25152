/** `pnpm demo`: starts the demo and prints its address. */
import { fileURLToPath } from 'node:url';
import type { DemoArguments } from './demo-arguments.ts';
import { readDemoArguments, usage } from './demo-arguments.ts';
import { startEmulatedServices } from './emulated-services.ts';
import { openLiveServices, withEnvironmentFile } from './live-services.ts';
import { startDemoServer } from './start-demo.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

async function run({ live, host, port, out }: DemoArguments): Promise<void> {
  const outputDir = out ?? `${root}output/${live ? 'demo-live' : 'demo'}`;
  // Proxies and the folder for state are read from the process's own variables.
  if (live) Object.assign(process.env, withEnvironmentFile(`${root}.env`, process.env));
  const services = live ? await openLiveServices(process.env) : await startEmulatedServices();
  const server = await startDemoServer({ services, outputDir, host, port }).catch(async (error: unknown) => {
    await services.close();
    throw error;
  });
  console.log(
    live
      ? 'Demo on the CONFIGURED SERVICES: images may cost money. The page shows an estimate before it sends anything.'
      : 'Demo on EMULATORS of Hunyuan, OpenAI and ComfyUI: no key, no network, no cost. Its images say so.',
  );
  for (const { name, message } of services.absent) console.log(`  ${name} is not configured: ${message.en}`);
  const afterwards = live ? 'accepted jobs are found again' : 'images are kept, jobs end with their emulators';
  console.log(`\n  ${server.url}\n\nSessions are kept in ${outputDir}. Ctrl-C ends it; ${afterwards}.`);
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
  if (given.help) console.log(usage);
  else {
    await run(given).catch((error: unknown) => {
      const { code, message } = error as NodeJS.ErrnoException;
      console.error(code === 'EADDRINUSE' ? `Port ${given.port} is taken. Use --port 0, or another.` : message);
      process.exitCode = 1;
    });
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
