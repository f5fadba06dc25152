import { startHunyuanEmulator } from '@holodeck/emulators';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { createHunyuanClient } from '../src/index.ts';

it('an abort at the moment at which the request is about to leave sends nothing', async () => {
  const emulator = await startHunyuanEmulator({ jobMs: 0 });
  const { secretId, secretKey } = emulator.credentials;
  const client = createHunyuanClient({ secretId, secretKey, endpoint: emulator.url });
  try {
    const size = { width: 900, height: 600 };
    const picture = await sharp({ create: { ...size, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    const controller = new AbortController();
    const result = await client.generate(
      { prompt: '雨中竹林', references: [{ bytes: picture, role: 'style' }] },
      {
        signal: controller.signal,
        onProgress: (event) => {
          // Its references are encoded, its connection stands, and its row is written; the first byte comes next.
          if (event.type === 'state' && event.state === 'submitting') controller.abort();
        },
      },
    );
    expect(result).toMatchObject({ success: false, error: { kind: 'aborted', outcome: 'not-submitted' } });
    expect(emulator.ledger.submissions).toBe(0);
  } finally {
    await client.close();
    await emulator.close();
  }
});
