import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';

/** Running emulators, and the variables that point to them. */
export interface GuideServices {
  readonly variables: Readonly<Record<string, string>>;
  /** All paid submissions that arrived. */
  submissions(): number;
  close(): Promise<void>;
}

interface Started {
  readonly variables: Readonly<Record<string, string>>;
  readonly ledger: { readonly submissions: number };
  close(): Promise<void>;
}

const starters: Readonly<Record<string, () => Promise<Started>>> = {
  hunyuan: async () => {
    const emulator = await startHunyuanEmulator({ jobMs: 30, waitingMs: 0, queryRate: 'off', submitRate: 'off' });
    const { secretId, secretKey, apiKey } = emulator.credentials;
    const variables = {
      HUNYUAN_ENDPOINT: emulator.url,
      HUNYUAN_SECRET_ID: secretId,
      HUNYUAN_SECRET_KEY: secretKey,
      HUNYUAN_API_KEY: apiKey,
    };
    return { variables, ledger: emulator.ledger, close: () => emulator.close() };
  },
  openai: async () => {
    const emulator = await startOpenAIEmulator({ imageMs: 10 });
    const variables = { OPENAI_BASE_URL: emulator.baseURL, OPENAI_API_KEY: emulator.apiKey };
    return { variables, ledger: emulator.ledger, close: () => emulator.close() };
  },
  comfyui: async () => {
    const emulator = await startComfyUIEmulator({ jobMs: 10 });
    return { variables: { COMFYUI_URL: emulator.url }, ledger: emulator.ledger, close: () => emulator.close() };
  },
};

/** Starts the services that a guide assumes as configured. */
export async function startServices(names: readonly string[]): Promise<GuideServices> {
  const started = await Promise.all(
    names
      .filter((name) => name !== 'none')
      .map((name) => {
        const start = starters[name];
        if (start === undefined) throw new Error(`A guide names the service ${name}, which is none.`);
        return start();
      }),
  );
  return {
    variables: Object.assign({}, ...started.map(({ variables }) => variables)) as Record<string, string>,
    submissions: () => started.reduce((sum, { ledger }) => sum + ledger.submissions, 0),
    close: async () => {
      await Promise.all(started.map((service) => service.close()));
    },
  };
}
