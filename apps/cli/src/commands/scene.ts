import { join, resolve } from 'node:path';

import type { AssetProgress, CardJudge, CardView, SceneObject } from '@holodeck/hybrid';

import { EconomyProgress } from '../progress/economy-progress.ts';
import { useComfyUIFlags, withComfyUIOptions } from '../options/comfyui-options.ts';
import type { ComfyUIFlags } from '../options/comfyui-options.ts';
import { withBackendOption } from '../options/backend-options.ts';
import { choiceOption } from '../options/choice-option.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { costSettings, withCostOptions } from '../options/cost-options.ts';
import type { CostOptions } from '../options/cost-options.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import type { SceneRequest } from '../input/scene-plan.ts';
import { messages } from '../messages/messages.ts';
import { integerOption, repeatedOption, sizeOption } from '../options/option-values.ts';
import { parseObjectOption, readObjectsFile } from '../input/scene-objects.ts';
import { findEconomy } from '../run/backends.ts';
import type { OpenedHybridClient } from '../run/hybrid-clients.ts';
import { sessionIdFromText } from '../options/session-id.ts';
import type { RegisterCommand } from './register.ts';

interface SceneOptions extends CommonOptions, CostOptions, ComfyUIFlags {
  readonly backend: string;
  readonly object?: readonly string[];
  readonly objects?: string;
  readonly session?: string;
  readonly style?: string;
  readonly size?: string;
  readonly seed?: number;
  readonly out: string;
  readonly onBackendDown: 'fail' | 'wait' | 'restart';
  readonly resubmitUnknown?: boolean;
  /** Of `--no-repay`. */
  readonly repay?: boolean;
  readonly withoutReference?: boolean;
  /** Names with commas between. */
  readonly views?: string;
  readonly economy?: boolean;
}

export const registerScene: RegisterCommand = (program, finish) => {
  const { scene: words, common } = messages().commands;
  const command = program
    .command('scene')
    .description(words.about)
    .argument('<text>', words.text)
    .option('--object <"name: description">', words.object, repeatedOption)
    .option('--objects <file.json>', words.objects)
    .option('--session <id>', words.session)
    .option('--style <words>', words.style)
    .option('--size <WxH>', words.size, sizeOption)
    .option('--seed <integer>', words.seed, integerOption(0))
    .option('--out <folder>', words.out, 'output')
    .addOption(
      choiceOption('--on-backend-down <policy>', words.onBackendDown, ['fail', 'wait', 'restart']).default('fail'),
    )
    .option('--views <list>', words.views)
    .option('--without-reference', words.withoutReference)
    .option('--economy', words.economy)
    .option('--resubmit-unknown', common.resubmitUnknown)
    .option('--no-repay', common.noRepay);
  withCommonOptions(withCostOptions(withComfyUIOptions(withBackendOption(command)))).action(
    async (text: string, options: SceneOptions) =>
      finish(await runCommandBody(options, (run) => scene(text, options, run))),
  );
};

async function scene(text: string, options: SceneOptions, run: CommandRun): Promise<ExitCode> {
  useComfyUIFlags(options.backend, options);
  const { style, size, seed } = options;
  const { judgeFromEnvironment, objectIdFromName, viewsOf } = await import('@holodeck/hybrid');
  const judge = judgeFromEnvironment(process.env);
  const views = viewsOf(options.views?.split(',').map((view) => view.trim() as CardView));
  const objects = collectObjects(options, objectIdFromName);
  const sessionId = options.session ?? sessionIdFromText(text);
  const common = style === undefined ? {} : { style };
  const look = { ...common, ...(size === undefined ? {} : { size }), ...(seed === undefined ? {} : { seed }) };
  const { requireBackends } = await import('../run/hybrid-clients.ts');
  const { checkScene, planScene } = await import('../input/scene-plan.ts');
  const economy = options.economy === true ? await findEconomy(options.backend) : undefined;
  const backends = await requireBackends(economy?.name ?? options.backend);
  economy?.use();
  // The cards wait for the reference, so only they are worth a batch.
  const cardBackends = economy === undefined ? backends : await requireBackends(economy.name);
  const cost = await costSettings(options);
  const { resubmitUnknown = false, repay = true } = options;
  const again = { resubmitUnknown, noRepay: !repay };
  const request = {
    sessionId,
    text,
    objects,
    views,
    outputDir: options.out,
    backends,
    cardBackends,
    ...look,
    cost,
    ...again,
  };
  await checkScene(request);
  if (options.dryRun === true) {
    await planScene(run, request);
    return exitCodes.done;
  }
  return makeScene(request, options, run, judge);
}

async function makeScene(
  request: SceneRequest,
  options: SceneOptions,
  run: CommandRun,
  judge: CardJudge | undefined,
): Promise<ExitCode> {
  const { reports } = messages();
  const { sessionId, text, objects, views, style, size, seed, backends, cardBackends, cost = {}, ...again } = request;
  const { CostGate } = await import('@holodeck/core');
  const { openHybridClient } = await import('../run/hybrid-clients.ts');
  const { AssetReport } = await import('../reports/asset-report.ts');
  const { priceShareOf } = await import('../input/scene-plan.ts');
  const { priceListOf } = await import('@holodeck/hybrid/registry');
  const { resubmitUnknown = false, noRepay = false } = again;
  const { maxCost, prices, ...cache } = cost;
  const ownPrices = priceListOf(
    backends.map(({ definition }) => definition),
    prices,
  );
  const costGate = new CostGate({ prices: ownPrices, ...(maxCost === undefined ? {} : { maxCost }) });
  const open = (with_: typeof backends): Promise<OpenedHybridClient> =>
    openHybridClient(run, with_, {
      outputDir: options.out,
      onLockedBackendDown: options.onBackendDown,
      client: { resubmitUnknown, noRepay },
      costGate,
      ...(judge && { judge }),
      ...cache,
    });
  const report = new AssetReport(run);
  const call = {
    signal: run.signal,
    // People know assets; the driver's task ids are internal.
    onProgress: ({ assetId, event }: AssetProgress) => run.view.onEvent({ ...event, taskId: assetId }),
  };
  const common = style === undefined ? {} : { style };
  const look = { ...common, ...(size === undefined ? {} : { size }), ...(seed === undefined ? {} : { seed }) };
  const { withoutReference = false } = options;
  run.view.expect(1 + objects.length * views.length);
  let opened = await open(backends);
  try {
    const reference = await opened.client.generateSceneReference({ sessionId, sceneText: text, views, ...look }, call);
    report.add(reference);
    if (!reference.success && !withoutReference) {
      report.spent(costGate.spending);
      return report.exitCodeOf(reference);
    }
    if (reference.success)
      run.view.note(reports.sessionUses(sessionId, reference.backend ?? '', reference.model ?? ''));
    if (objects.length > 0) {
      if (cardBackends !== backends) {
        await opened.close();
        opened = await open(cardBackends);
      }
      const share = cardBackends === backends ? undefined : await priceShareOf(cardBackends[0]);
      const economy = share && new EconomyProgress(run.view, share, () => costGate.spending.amounts);
      const onProgress = (progress: AssetProgress): void => {
        call.onProgress(progress);
        if (economy) economy.onEvent({ ...progress.event, taskId: progress.assetId });
      };
      const cards = await opened.client.generateObjectCards(
        { sessionId, objects, views, ...common, withoutReference },
        { ...call, onProgress },
      );
      for (const card of cards) report.add(card);
    }
    report.spent(costGate.spending);
  } finally {
    await opened.close();
  }
  const folder = join(resolve(options.out), sessionId);
  run.view.note(
    [report.summary(), reports.imagesAt(folder), reports.manifestAt(join(folder, 'manifest.json'))].join('\n'),
  );
  if (run.signal.aborted)
    run.view.note(options.economy === true ? reports.interruptedBatch(options.out) : reports.interrupted);
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
