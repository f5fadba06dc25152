import { expect, it } from 'vitest';

import { hybridScenarios } from './support/hybrid-scenarios.ts';
import { HybridStage } from './support/hybrid-stage.ts';

it.each(Object.entries(hybridScenarios))('%s', async (name, play) => {
  await expect(await HybridStage.play(play)).toMatchFileSnapshot(`recorded/hybrid/${name}.txt`);
});
