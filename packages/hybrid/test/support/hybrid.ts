import { createHybridClient } from '../../src/index.ts';
import type { HybridClient, HybridOptions } from '../../src/index.ts';
import type { FakeService } from './fake-service.ts';
import { closing } from './output-folder.ts';

/** A driver that gives up quickly. */
export const driver = {
  maxAttempts: 1,
  maxPaidAttempts: 1,
  retryBaseMs: 1,
  retryMaxMs: 10,
  timeoutMs: 300_000,
} as const;

/** A client over fake services, closed after the test. It measures no cards and draws no report unless a test asks for it. */
export function hybrid(
  outputDir: string,
  services: readonly FakeService[],
  options: Partial<HybridOptions> = {},
): HybridClient {
  const backends = services.map((service) => service.backend());
  return closing(createHybridClient({ backends, outputDir, client: driver, cards: false, report: false, ...options }));
}

/** A scene and two objects, one of them in Chinese. */
export const scene = { sessionId: 's', sceneText: '雨夜的面馆' };
export const objects = [
  { id: '面碗', name: '面碗', description: '青花大碗' },
  { id: 'lamp', name: 'lamp', description: 'brass desk lamp' },
];
