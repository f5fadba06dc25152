import { describe, expect, it } from 'vitest';

import { clientScenarios } from './support/client-scenarios.ts';
import { ClientStage } from './support/client-stage.ts';
import { serviceNames } from './support/services.ts';

describe.each(serviceNames)('%s does what it always did', (service) => {
  const scenarios = Object.entries(clientScenarios).filter(([, { only }]) => only?.includes(service) ?? true);
  it.each(scenarios)('%s', async (name, { play }) => {
    const trace = await ClientStage.play(service, play);
    await expect(trace).toMatchFileSnapshot(`recorded/${service}/${name}.txt`);
  });
});
