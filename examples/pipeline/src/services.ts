import { startHunyuanEmulator } from '@holodeck/emulators';

/** Where the images come from. */
export interface Services {
  /** The variables that `createHybridClientFromEnv` reads. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  close(): Promise<void>;
}

/** The services that the environment configures. They may cost money. */
export function openConfiguredServices(): Services {
  return { environment: process.env, close: () => Promise.resolve() };
}

/** An emulator of Tencent Hunyuan on this machine: free, and its images say so. */
export async function openEmulatedServices(): Promise<Services> {
  const emulator = await startHunyuanEmulator({ jobMs: 200 });
  return {
    environment: {
      HUNYUAN_ENDPOINT: emulator.url,
      HUNYUAN_SECRET_ID: emulator.credentials.secretId,
      HUNYUAN_SECRET_KEY: emulator.credentials.secretKey,
    },
    close: () => emulator.close(),
  };
}
