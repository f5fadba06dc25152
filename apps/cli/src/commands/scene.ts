import { join, resolve } from 'node:path';

import { Option } from 'commander';

import type { AssetProgress, SceneObject } from '@holodeck/hybrid';

import { runCommandBody, withCommonOptions } from '../command-run.ts';
import type { CommandRun, CommonOptions } from '../command-run.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { amountOption, integerOption, repeatedOption, sizeOption } from '../option-values.ts';
import { parseObjectOption, readObjectsFile } from '../scene-objects.ts';
import { sessionIdFromText } from '../session-id.ts';
import type { RegisterCommand } from './register.ts';

interface SceneOptions extends CommonOptions {
  readonly object?: readonly string[];
  readonly objects?: string;
  readonly session?: string;
  readonly style?: string;
  readonly size?: string;
  readonly seed?: number;
  readonly out: string;
  readonly onBackendDown: 'fail' | 'wait' | 'restart';
  readonly dryRun?: boolean;
  readonly maxCost?: number;
  readonly resubmitUnknown?: boolean;
}

export const registerScene: RegisterCommand = (program, finish) => {
  const command = program
    .command('scene')
    .description('a session: one scene reference, and a card in its look for each object')
    .argument('<text>', 'the scene in words')
    .option('--object <"name: description">', 'an object that gets a card; repeatable', repeatedOption)
    .option('--objects <file.json>', 'objects from a file: [{"name", "description", "id"?, "seed"?, "size"?}]')
    .option('--session <id>', 'default: made from the text, so that the same command finds its session again')
    .option('--style <words>', 'a look in words, for all images')
    .option('--size <WxH>', 'of the scene reference, default 1024x1024', sizeOption)
    .option('--seed <integer>', 'of the scene reference', integerOption(0))
    .option('--out <folder>', 'the session gets a folder in it', 'output')
    .addOption(
      new Option('--on-backend-down <policy>', 'when the backend of a begun session cannot be used')
        .choices(['fail', 'wait', 'restart'])
        .default('fail'),
    )
    .option('--dry-run', 'show backend, prompts, images and cost; send nothing')
    .option('--max-cost <amount>', "the most that may be spent, in the currency of the backend's price", amountOption)
    .option('--resubmit-unknown', 'send again although the last submission may have arrived: it may pay twice');
  withCommonOptions(command).action(async (text: string, options: SceneOptions) =>
    finish(await runCommandBody(options, (run) => scene(text, options, run))),
  );
};

async function scene(text: string, options: SceneOptions, run: CommandRun): Promise<ExitCode> {
  const { style, size, seed } = options;
  const { objectIdFromName } = await import('@holodeck/hybrid');
  const objects = collectObjects(options, objectIdFromName);
  const sessionId = options.session ?? sessionIdFromText(text);
  const common = style === undefined ? {} : { style };
  const look = { ...common, ...(size === undefined ? {} : { size }), ...(seed === undefined ? {} : { seed }) };
  const { openHybridClient, requireBackends } = await import('../hybrid-clients.ts');
  const { checkScene, planScene } = await import('../scene-plan.ts');
  const backends = await requireBackends();
  const request = { sessionId, text, objects, outputDir: options.out, backends, ...common };
  await checkScene(request);
  if (options.dryRun === true) {
    await planScene(run, request);
    return exitCodes.done;
  }
  const { client, close } = await openHybridClient(run, backends, {
    outputDir: options.out,
    onLockedBackendDown: options.onBackendDown,
    client: { resubmitUnknown: options.resubmitUnknown ?? false },
    ...(options.maxCost === undefined ? {} : { maxCost: options.maxCost }),
  });
  const { AssetReport } = await import('../asset-report.ts');
  const report = new AssetReport(run);
  const call = {
    signal: run.signal,
    // The driver's task ids are the session's own affair; people know assets.
    onProgress: ({ assetId, event }: AssetProgress) => run.view.onEvent({ ...event, taskId: assetId }),
  };
  try {
    const reference = await client.generateSceneReference({ sessionId, sceneText: text, ...look }, call);
    report.add(reference);
    if (!reference.success) return report.exitCodeOf(reference);
    run.view.note(`Session ${sessionId} uses ${reference.backend} (${reference.model}).`);
    if (objects.length > 0) {
      const cards = await client.generateObjectCards({ sessionId, objects, ...common }, call);
      for (const card of cards) report.add(card);
    }
  } finally {
    await close();
  }
  const folder = join(resolve(options.out), sessionId);
  run.view.note(`${report.summary()}\nImages:   ${folder}\nManifest: ${join(folder, 'manifest.json')}`);
  if (run.signal.aborted) run.view.note('Interrupted. The same command continues where this one stopped.');
  return report.exitCode();
}

function collectObjects(
  options: SceneOptions,
  objectIdFromName: (name: string, taken?: Iterable<string>) => string,
): readonly SceneObject[] {
  const given = [
    ...(options.objects === undefined ? [] : readObjectsFile(options.objects)),
    ...(options.object ?? []).map(parseObjectOption),
  ];
  const taken = given.map((object) => object.id).filter((id) => id !== undefined);
  return given.map((object) => {
    if (object.id !== undefined) return { ...object, id: object.id };
    const id = objectIdFromName(object.name, taken);
    taken.push(id);
    return { ...object, id };
  });
}
