import { paintPng } from '@holodeck/emulators';
import type { HybridCallOptions, HybridClient, HybridOptions } from '@holodeck/hybrid';
import { ImageError } from '@holodeck/core';

import { lineOfError } from './record.ts';
import { sessionId } from './hybrid-stage.ts';
import type { HybridStage, VisitEnd } from './hybrid-stage.ts';
import type { ServiceName } from './services.ts';

type Scenario = (stage: HybridStage) => Promise<void>;

const scene = { sessionId, sceneText: '雨夜的面馆' };
const [bowl, lamp] = [
  { id: '面碗', name: '面碗', description: '青花大碗' },
  { id: 'lamp', name: 'lamp', description: 'brass desk lamp' },
] as const;

/** The scene reference and then the cards, as in the pipeline. */
async function makeAll(client: HybridClient, call: HybridCallOptions, style?: string): Promise<readonly VisitEnd[]> {
  const reference = await client.generateSceneReference({ ...scene, ...(style === undefined ? {} : { style }) }, call);
  return [reference, await client.generateObjectCards({ sessionId, objects: [bowl, lamp] }, call)];
}

async function makeReference(client: HybridClient, call: HybridCallOptions): Promise<readonly VisitEnd[]> {
  return [await client.generateSceneReference(scene, call)];
}

async function makeLamp(client: HybridClient, call: HybridCallOptions): Promise<readonly VisitEnd[]> {
  return [await client.generateObjectCard({ sessionId, object: lamp }, call)];
}

/** A thrown error as a line. */
async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof ImageError) return lineOfError(error);
    throw error;
  }
}

const whenDown =
  (policy: NonNullable<HybridOptions['onLockedBackendDown']>): Scenario =>
  async (stage) => {
    await stage.visit(makeReference);
    await stage.services.hunyuan.stop();
    await stage.visit(makeLamp, { options: { onLockedBackendDown: policy, waitMs: 0 } });
  };

const onlyOn = (name: ServiceName): Record<string, Scenario> => ({
  [`scene alone on ${name}`]: (stage) => stage.visit(makeReference, { backends: [name] }),
  [`scene and cards on ${name}, twice`]: async (stage) => {
    await stage.visit(makeAll, { backends: [name], options: { report: true } });
    await stage.visit(makeAll, { backends: [name], options: { report: true } });
  },
});

/** The situations of a session. A visit is its own process. */
export const hybridScenarios: Readonly<Record<string, Scenario>> = {
  ...onlyOn('hunyuan'),
  ...onlyOn('openai'),
  ...onlyOn('comfyui'),
  'another style': async (stage) => {
    await stage.visit(makeAll);
    await stage.visit((client, call) => makeAll(client, call, 'watercolour'));
  },
  'locked backend down, fail': whenDown('fail'),
  'locked backend down, wait in vain': whenDown('wait'),
  'locked backend down, restart': whenDown('restart'),
  'locked backend down, wait until it is back': async (stage) => {
    await stage.visit(makeReference);
    await stage.services.hunyuan.stop();
    await stage.visit(
      async (client, call) => {
        const end = new AbortController();
        const repair = (async () => {
          for await (const { type } of client.session(sessionId).events({ signal: end.signal })) {
            if (type !== 'waiting') continue;
            await stage.services.hunyuan.start();
            return;
          }
        })();
        const results = await makeLamp(client, call);
        end.abort();
        await repair;
        return results;
      },
      { options: { onLockedBackendDown: 'wait' } },
    );
  },
  'another model than the locked one': async (stage) => {
    await stage.visit(makeReference, { backends: ['openai'] });
    await stage.visit(makeLamp, { backends: ['openai'], model: 'gpt-image-1' });
  },
  'no money moves a new session on': async (stage) => {
    stage.services.hunyuan.setFaults([{ kind: 'refuse', code: 'ResourceUnavailable.InArrears', operation: 'submit' }]);
    await stage.visit(makeAll);
  },
  'refused words move nothing': async (stage) => {
    stage.services.hunyuan.setFaults([
      { kind: 'refuse', code: 'OperationDenied.TextIllegalDetected', operation: 'submit' },
    ]);
    await stage.visit(makeReference);
  },
  'a lost answer moves nothing': async (stage) => {
    stage.services.hunyuan.setFaults([{ kind: 'reset-after-accept', operation: 'submit', nth: 1 }]);
    await stage.visit(makeReference);
    await stage.visit(makeReference);
  },
  'all backends down': async (stage) => {
    await Promise.all([stage.services.hunyuan.stop(), stage.services.openai.stop()]);
    await stage.visit(makeReference);
  },
  'resumed after a cut': async (stage) => {
    stage.services.hunyuan.holdJobs();
    await stage.visit(async (client, call) => {
      const abort = new AbortController();
      const cut: HybridCallOptions = {
        signal: abort.signal,
        onProgress: (news) => {
          call.onProgress?.(news);
          if (news.event.type === 'state' && news.event.state === 'accepted') abort.abort();
        },
      };
      return makeReference(client, cut);
    });
    stage.services.hunyuan.endJobs();
    await stage.visit(async (client) => Array.fromAsync(client.resume(sessionId)));
    await stage.visit(makeAll);
  },
  release: async (stage) => {
    await stage.visit(makeAll);
    await stage.visit(async (client) => {
      const session = client.session(sessionId);
      return [await refusal(session.release()), await refusal(session.release({ discardAssets: true }))];
    });
    await stage.visit(makeAll);
  },
  relock: async (stage) => {
    await stage.visit(makeAll);
    await stage.visit(async (client) => [
      await refusal(client.session(sessionId).relock({ backend: 'openai' })),
      await refusal(client.session(sessionId).relock({ backend: 'openai', discardAssets: true })),
    ]);
    await stage.visit(makeAll);
  },
  'a card once more': async (stage) => {
    await stage.visit(makeAll);
    await stage.visit(async (client, call) => [await client.session(sessionId).regenerate('lamp', call)]);
  },
  'the scene once more': async (stage) => {
    await stage.visit(makeAll);
    await stage.visit(async (client, call) => [await client.session(sessionId).regenerateSceneReference(call)]);
    await stage.visit(makeAll);
  },
  'a card that does not pass the gate': async (stage) => {
    const options = { cards: { gate: { minCoverage: 0.99 } } };
    await stage.visit(makeReference);
    await stage.visit(makeLamp, { options });
    await stage.visit(makeLamp, { options });
  },
  'a picture of the user as the scene': async (stage) => {
    const picture = paintPng({ width: 1024, height: 1024, prompt: 'a scene', seed: 1 });
    await stage.visit(async (client) => [await client.session(sessionId).setSceneReference(picture)]);
    await stage.visit(makeLamp);
  },
  'another image under the lock': async (stage) => {
    await stage.visit(makeReference);
    await stage.visit(async (client, call) => [
      await client.session(sessionId).generateImage({ id: 'wall', prompt: 'a wall of old bricks' }, call),
    ]);
  },
  'beyond the budget': async (stage) => {
    await stage.visit(
      async (client, call) => [...(await makeReference(client, call)), ...(await makeLamp(client, call))],
      {
        options: { maxSubmissions: 1 },
      },
    );
    await stage.visit(makeLamp);
  },
};
