import { join } from 'node:path';

import { ImageClient } from '@holodeck/core';
import type { ImageBackend } from '@holodeck/core';
import { createPromptBuilder, defaultPrices, readManifest } from '@holodeck/hybrid';
import type { Manifest, PromptSubject, SceneObject } from '@holodeck/hybrid';

import { CommandError } from './command-error.ts';
import type { CommandRun } from './command-run.ts';
import { exitCodes } from './exit-codes.ts';
import type { ConfiguredBackend } from './hybrid-clients.ts';

/** What `scene` would do. */
export interface SceneRequest {
  readonly sessionId: string;
  readonly text: string;
  readonly style?: string;
  readonly objects: readonly SceneObject[];
  readonly outputDir: string;
  readonly backends: readonly ConfiguredBackend[];
}

/**
 * Shows what `scene` would do: the backend, each image with its prompt and whether it is there already, how many would be
 * paid for and the cost by the price list. Probes for free; sends and writes nothing.
 *
 * @throws CommandError exit 3 when no backend is available.
 */
export async function planScene(run: CommandRun, request: SceneRequest): Promise<void> {
  const manifest = await readManifest(join(request.outputDir, request.sessionId)).catch(() => undefined);
  const { backend, reason } = await chooseBackend(run, request, manifest);
  const subjects: readonly (readonly [id: string, subject: PromptSubject])[] = [
    ['scene-reference', { kind: 'scene-reference', text: request.text }],
    ...request.objects.map(({ id, name, description = '' }) => {
      const hasReference = backend.capabilities.references?.roles.includes('style') === true;
      return [`card/${id}`, { kind: 'card', name, description, hasReference }] as const;
    }),
  ];
  const builder = createPromptBuilder();
  let images = 0;
  run.print(
    { sessionId: request.sessionId, backend: backend.name, model: backend.model, reason },
    `Backend: ${backend.name} (${backend.model}), ${reason}`,
  );
  for (const [assetId, subject] of subjects) {
    const style = request.style === undefined ? {} : { style: request.style };
    const { prompt } = builder.build({ subject, ...style }, backend.capabilities);
    const there = manifest?.assets.some(
      (asset) => asset.id === assetId && asset.state === 'current' && asset.prompt === prompt,
    );
    if (there !== true) images += 1;
    run.print(
      { assetId, prompt, toMake: there !== true },
      `${assetId}${there === true ? ' (already there)' : ''}: ${prompt}`,
    );
  }
  const price = defaultPrices[backend.name];
  const cost = price === undefined ? undefined : Math.round(images * price.perImage * 100) / 100;
  const estimate =
    cost === undefined ? 'unknown; see the price list of the service' : `about ${cost} ${price?.currency}`;
  run.print(
    { images, ...(cost === undefined ? {} : { estimatedCost: cost, currency: price?.currency }) },
    `Images to make: ${images}. Estimated cost: ${estimate}. Nothing was sent.`,
  );
  await backend.close();
}

async function chooseBackend(
  run: CommandRun,
  { backends }: SceneRequest,
  manifest: Manifest | undefined,
): Promise<{ readonly backend: ImageBackend; readonly reason: string }> {
  const locked = manifest?.state === 'locked' ? manifest.backend : null;
  const reports: string[] = [];
  for (const configuration of backends) {
    if (locked !== null && configuration.name !== locked) continue;
    const backend = await configuration.create();
    if (locked !== null) return { backend, reason: 'to which the session is locked' };
    const client = new ImageClient(backend);
    const report = await client.probe({ signal: run.signal });
    if (report.status !== 'down') return { backend, reason: report.message };
    reports.push(`\n  ${report.backend}: ${report.message}${report.remedy === undefined ? '' : ` ${report.remedy}`}`);
    await client.close();
  }
  if (locked !== null) throw new CommandError(`The session is locked to ${locked}, which is not configured.`);
  throw new CommandError(`No backend is available.${reports.join('')}`, exitCodes.noBackend);
}
