import { ImageError } from '@holodeck/core';
import type { ImageWarning } from '@holodeck/core';
import type { Message } from '@holodeck/core/messages';
import { say } from '../comfyui-messages.ts';
import { comfyuiError, invalidOptions } from '../comfyui-errors.ts';
import { buildGraph } from './builtin-graphs.ts';
import { settingsFor, takesNegativePrompt } from './family-settings.ts';
import { familyOf, stem } from './model-families.ts';
import { describeLook, formatLook, hashOf, parseLook } from './look.ts';
import { chooseModels, howToFollow, lookGone, requireModels } from './model-choice.ts';
import { referenceModels } from './reference-ways.ts';
import { fetchHash, fetchModels } from './server-models.ts';
import type { ComfyUIHttp } from '../wire/comfyui-http.ts';
import { findLoras } from './loras.ts';
import type { ComfyUIOptions, LoraOption, SamplingOptions } from '../comfyui-options.ts';
import type { ChosenModels, ModelChoice, ModelFile, WantedModels } from './model-choice.ts';
import type { ServerModels } from './server-models.ts';
import type { AskedServer, Bindable, GraphWish, PlannedGraph, PlannedLook, WorkflowPlan } from './workflow-plan.ts';

/** Pictures of one job that some model follows. */
const mostReferences: number = Math.max(...referenceModels.map(({ maxReferences }) => maxReferences));

/**
 * The built-in graphs. Which models they use is a look: decided by the first server that answers, once for the life of this backend
 * and for all its servers, or named by a request whose session has decided it earlier.
 */
export class BuiltinPlan implements WorkflowPlan {
  readonly builtin: boolean = true;
  readonly model: string;
  readonly fingerprint: string;
  readonly bindable: Bindable;
  readonly transparent: boolean = true;
  readonly classes: readonly string[];
  readonly #wanted: WantedModels;
  readonly #sampling: SamplingOptions & { readonly loras?: readonly LoraOption[] };
  /** By the names under which the first server lists them. */
  #loras: readonly LoraOption[];
  readonly #severalServers: boolean;
  #chosen: ChosenModels | undefined;
  /** What `fingerprint` stood for in earlier versions, which did not keep it. */
  #earlier: ChosenModels | undefined;
  #look: PlannedLook | undefined;
  /** Fingerprints whose files each server has; this backend's own choice is `''`. */
  readonly #held: WeakMap<ComfyUIHttp, Set<string>> = new WeakMap();

  constructor(options: ComfyUIOptions) {
    const { checkpoint, referenceModel, loras = [] } = options;
    this.#wanted = {
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...(referenceModel === undefined ? {} : { referenceModel }),
    };
    // How is sampled is part of every look, and so are the LoRAs.
    this.#sampling = { ...options.sampling, ...(loras.length > 0 && { loras }) };
    this.#loras = loras;
    this.#severalServers = (options.urls?.length ?? 1) > 1;
    this.model = stem(checkpoint ?? 'auto');
    // Sessions of earlier versions are locked to it.
    this.fingerprint = `builtin-1:${hashOf([checkpoint ?? 'auto', this.#sampling])}`;
    // A stand-in for what the server's models decide; the inputs are the same for most.
    const name = checkpoint ?? 'auto';
    const family = familyOf(name, 'checkpoints');
    const known = family === 'other' || family === 'special' ? 'sd' : family;
    const sample: ModelChoice = { family: known, files: [{ folder: 'checkpoints', name }] };
    this.bindable = this.#bindableOf({ scene: sample }, mostReferences);
    const graphs = (['text', 'init'] as const).map((references) => buildGraph(sample, this.#sampling, { references }));
    const classes = new Set(graphs.flatMap(({ graph }) => Object.values(graph).map((node) => node.class_type)));
    // Which loader is needed shows with the models.
    classes.delete('CheckpointLoaderSimple');
    if (loras.length > 0) classes.add('LoraLoader');
    this.classes = [...classes];
  }

  async graphFor(wish: GraphWish, http: ComfyUIHttp, label: string, signal: AbortSignal): Promise<PlannedGraph> {
    const { look } = wish;
    const asked = { http, label };
    if (look === undefined) {
      return this.#plan(await this.#choose(asked, signal), wish, asked, signal);
    }
    const models =
      look === this.fingerprint ? await this.#chooseEarlier(asked, signal) : parseLook(look, this.#sampling);
    if (models === undefined) {
      throw lookGone([look], label, false);
    }
    await this.#hold(look, models, asked, signal);
    return this.#plan(models, wish, asked, signal);
  }

  async resolve(asked: AskedServer, signal: AbortSignal): Promise<PlannedLook> {
    if (this.#look === undefined) {
      const chosen = await withHashes(await this.#choose(asked, signal), asked.http, signal);
      this.#look ??= this.#planned(formatLook(chosen, this.#sampling), chosen);
    }
    return this.#look;
  }

  resolved(fingerprint: string): PlannedLook | undefined {
    if (fingerprint === this.fingerprint) {
      const { bindable } = this;
      const references = bindable.references.filter(({ role }) => role === 'init');
      return { model: this.model, fingerprint, bindable: { ...bindable, references }, transparent: false };
    }
    const models = parseLook(fingerprint, this.#sampling);
    return models && this.#planned(fingerprint, models);
  }

  forget(http: ComfyUIHttp): void {
    this.#held.delete(http);
  }

  #planned(fingerprint: string, chosen: ChosenModels): PlannedLook {
    return {
      model: describeLook(chosen),
      fingerprint,
      bindable: this.#bindableOf(chosen, chosen.reference?.model.maxReferences ?? 0),
      transparent: chosen.background !== undefined,
    };
  }

  async #plan(
    { scene, reference, background, among }: ChosenModels,
    { roles, transparent, look, lenient }: GraphWish,
    { http, label }: AskedServer,
    signal: AbortSignal,
  ): Promise<PlannedGraph> {
    const leftOut: ImageWarning[] = [];
    const cannot = (feature: string, fault: Error, said: Message): void => {
      if (lenient !== true) throw fault;
      leftOut.push({ code: 'unsupported-option', feature, ...said });
    };
    let style = roles.filter((role) => role === 'style').length;
    const max = reference?.model.maxReferences ?? 0;
    if (style > 0 && reference === undefined) {
      const place = { server: label, how: howToFollow(await fetchModels(http, signal)) };
      const said = { kind: 'unsupported', outcome: 'not-submitted', code: 'no-reference-model' } as const;
      cannot('references', comfyuiError({ ...said, ...say('reference-none', place) }), say('style-left-out', place));
    } else if (style > max) {
      const some = { count: style, role: 'style', max };
      cannot('references', invalidOptions(say('references-bound', some)), say('styles-left-out', some));
    }
    style = Math.min(style, max);
    if (transparent && background === undefined) {
      const place = { server: label };
      cannot('background', invalidOptions(say('background-none', place)), say('background-left-out', place));
    }
    const choice: ModelChoice = style > 0 ? reference! : scene;
    const { graph, binding } = buildGraph(choice, this.#sampling, {
      references: style > 0 ? style : roles.includes('init') ? 'init' : 'text',
      ...(transparent && background !== undefined ? { background } : {}),
      loras: this.#loras,
    });
    const name = choice.files[0]!.name;
    return {
      graph,
      binding,
      // The latents of FLUX.2 are sixteenths of a picture: it would round down.
      multipleOf: settingsFor(choice, this.#sampling).sampler === 'flux2' ? 16 : 1,
      leftOut,
      model: { name, ...(look !== undefined || among === undefined ? {} : { among }) },
    };
  }

  #bindableOf({ scene, reference }: ChosenModels, references: number): Bindable {
    const { binding } = buildGraph(scene, this.#sampling, { references: 'init' });
    const negative = [scene, reference].every(
      (choice) => choice === undefined || takesNegativePrompt(settingsFor(choice, this.#sampling)),
    );
    const [init] = binding.references;
    const style = Array.from({ length: references }, () => ({ ...init!, role: 'style' as const }));
    return { ...binding, references: [init!, ...style], ...(negative ? {} : { negativePrompt: [] }) };
  }

  /** The choice of this backend; on any other server than the one that decided, only if its files are there too. */
  async #choose(asked: AskedServer, signal: AbortSignal): Promise<ChosenModels> {
    if (this.#chosen === undefined) {
      const models = await fetchModels(asked.http, signal);
      // Another server may have decided meanwhile.
      if (this.#chosen === undefined) {
        this.#chosen = this.#chooseFrom(models, asked.label);
        this.#loras = findLoras(models, this.#loras, asked.label);
        this.#heldBy(asked.http).add('');
      }
    }
    await this.#hold('', this.#chosen, asked, signal);
    return this.#chosen;
  }

  /** Earlier versions took checkpoints before all else, and followed no reference. */
  async #chooseEarlier({ http, label }: AskedServer, signal: AbortSignal): Promise<ChosenModels> {
    if (this.#earlier === undefined) {
      const models = await fetchModels(http, signal);
      const { files } = models;
      const alone = files.checkpoints.length > 0 ? { ...models, files: { ...files, diffusion_models: [] } } : models;
      const { scene } = this.#chooseFrom(alone, label);
      this.#earlier ??= { scene };
    }
    return this.#earlier;
  }

  #chooseFrom(models: ServerModels, label: string): ChosenModels {
    try {
      return chooseModels(models, this.#wanted, label);
    } catch (error) {
      if (!this.#severalServers || !ImageError.isInstance(error)) {
        throw error;
      }
      // Another server may have what this one lacks: the job goes there.
      throw ImageError.with(error, { kind: 'unavailable', retryable: true });
    }
  }

  /** Makes sure, once, that a server has the files. */
  async #hold(key: string, chosen: ChosenModels, { http, label }: AskedServer, signal: AbortSignal): Promise<void> {
    const held = this.#heldBy(http);
    if (held.has(key)) {
      return;
    }
    const { scene, reference, background } = chosen;
    const files = [...scene.files, ...(reference?.files ?? []), ...(background === undefined ? [] : [background])];
    const models = await fetchModels(http, signal);
    requireModels(models, files, label, this.#severalServers);
    this.#loras = findLoras(models, this.#loras, label);
    const present = await Promise.all(
      files.map(
        async ({ folder, name, hash }) => hash === undefined || (await fetchHash(http, folder, name, signal)) === hash,
      ),
    );
    const others = files.filter((_, index) => present[index] === false).map(({ name }) => name);
    if (others.length > 0) {
      throw lookGone(others, label, this.#severalServers);
    }
    held.add(key);
  }

  #heldBy(http: ComfyUIHttp): Set<string> {
    const held = this.#held.get(http) ?? new Set();
    this.#held.set(http, held);
    return held;
  }
}

async function withHashes(chosen: ChosenModels, http: ComfyUIHttp, signal: AbortSignal): Promise<ChosenModels> {
  const hashed = (files: readonly ModelFile[]): Promise<ModelFile[]> =>
    Promise.all(
      files.map(async (file) => {
        const hash = await fetchHash(http, file.folder, file.name, signal);
        return hash === undefined ? file : { ...file, hash };
      }),
    );
  const { scene, reference } = chosen;
  return {
    ...chosen,
    scene: { ...scene, files: await hashed(scene.files) },
    ...(reference === undefined ? {} : { reference: { ...reference, files: await hashed(reference.files) } }),
  };
}
