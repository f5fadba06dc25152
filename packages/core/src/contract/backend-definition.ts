import type { PriceList } from '../cost/price.ts';
import type { MessageTexts } from '../messages/define-messages.ts';
import type { Environment } from './environment.ts';
import type { ImageBackend } from './image-backend.ts';
import type { ProviderOptions } from './image-request.ts';

/** An environment variable that a backend reads. */
export interface BackendVariable {
  readonly name: string;
  /** What it is for, and what counts when it is not set. */
  readonly meaning: MessageTexts;
  /** Whether its value must never be shown. Default false. */
  readonly secret?: boolean;
}

/** A backend as the environment configures it. */
export interface BackendSetup {
  /** Makes the backend. Sends nothing. */
  readonly create: () => ImageBackend | Promise<ImageBackend>;
  /** Jobs at once that the environment asks for. Default: what the backend's lanes say. */
  readonly maxConcurrent?: number;
  /** Host or address of the service, to say by which way it is reached. Default: unknown until a probe tells. */
  readonly address?: string;
}

/**
 * What a program with several backends knows of one of them before it is used: how it is called, what configures it, what it
 * costs. A module that exports one as `definition` can be named in `HOLODECK_BACKENDS`.
 */
export interface BackendDefinition {
  /** The name that its backend has, such as `"hunyuan"`: small letters, digits and hyphens. */
  readonly name: string;
  /** What people call it. */
  readonly label: MessageTexts;
  /** All variables that it reads, the most important first. Where there are some, one at least must be set. */
  readonly variables: readonly BackendVariable[];
  /** What is not set, and what to do about it: told while it is not configured. */
  readonly whenAbsent: MessageTexts;
  /**
   * Reads its variables, with `readVariable`; undefined when they do not configure it. Loads what is heavy only then.
   *
   * @throws {ImageError} outcome `not-submitted`, when something is set wrongly or by half.
   */
  readonly configure: (environment: Environment) => BackendSetup | undefined | Promise<BackendSetup | undefined>;
  /** Loads the messages of its backend, to say an error that was stored in another language. Default: such an error stays English. */
  readonly loadMessages?: () => Promise<unknown>;
  /** The variable that chooses its model. Default: the model cannot be chosen. */
  readonly modelVariable?: string;
  /** What `providerOptions.<name>` takes, as help shows it: `quality=low|high`. The backend checks the values. Default: nothing. */
  readonly requestOptions?: readonly string[];
  /** The `providerOptions.<name>` that make it send previews. Default: it sends none. */
  readonly previewOptions?: ProviderOptions;
  /** Prices of its models, by `"<name>/<model>"` or `"<name>"`; those of the caller win. Default: the built-in list. */
  readonly prices?: PriceList;
  /** What to check before the first paid call, although a free probe succeeds. Default: nothing. */
  readonly beforeFirstUse?: MessageTexts;
}
