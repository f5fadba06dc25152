import { setTimeout as sleep } from 'node:timers/promises';
import { createHunyuanBackend } from '@holodeck/hunyuan';
import { checkAndWrite } from './bare.ts';
import type { Contestant, ContestantSettings } from './contestant.ts';
import { driven } from './ours.ts';

const pollMs = 1000;

export const hunyuanContestants: Readonly<Record<string, (settings: ContestantSettings) => Promise<Contestant>>> = {
  '@holodeck/hunyuan': async (settings) => {
    const { credentials } = settings;
    if (credentials === undefined) throw new Error('Credentials are missing.');
    return driven(createHunyuanBackend({ ...credentials, api: 'image-3.0', endpoint: settings.url }), settings);
  },
  'tencentcloud-sdk-nodejs-common': async (settings) => {
    const { default: sdk } = await import('tencentcloud-sdk-nodejs-common');
    const { credentials: credential, url } = settings;
    if (credential === undefined) throw new Error('Credentials are missing.');
    const { host, protocol } = new URL(url);
    const client = new sdk.CommonClient(host, '2022-12-29', {
      credential,
      region: 'ap-guangzhou',
      profile: { httpProfile: { endpoint: host, protocol: protocol as 'http:' } },
    });
    const [width, height] = settings.size.split('x');
    return {
      async run(prompt, _index, file) {
        const { JobId } = await client.request('SubmitTextToImageJob', {
          Prompt: prompt,
          Resolution: `${width}:${height}`,
          LogoAdd: 0,
        });
        for (;;) {
          await sleep(pollMs);
          const job = await client.request('QueryTextToImageJob', { JobId });
          if (job.JobStatusCode === '4') throw new Error(job.JobErrorMsg);
          if (job.JobStatusCode !== '5') continue;
          const answer = await fetch(job.ResultImage[0]);
          return checkAndWrite(Buffer.from(await answer.arrayBuffer()), file, settings.sync);
        }
      },
      close: async () => undefined,
    };
  },
};
