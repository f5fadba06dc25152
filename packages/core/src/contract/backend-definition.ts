import type { PriceList } from '../cost/price.ts';
import type { MessageTexts } from '../messages/define-messages.ts';
import type { Environment } from './environment.ts';
import type { ImageBackend } from './image-backend.ts';
import type { ProviderOptions } from './image-request.ts';

/** An environment variable that a backend reads. */
export interface BackendVariable {
  readonly name: string;
  /** What it is for, and its default. */
  readonly meaning: MessageTexts;
  /** Whether its value must never be shown. Default false. */
  readonly secret?: boolean;
}

/** A configured backend. */
export interface BackendSetup {
  /**
   * Creates the backend. Starts no job; it may ask the service what it has.
   * @throws {ImageError} outcome `not-submitted`: `unavailable` if the service does not answer.
   */
  readonly create: () => ImageBackend | Promise<ImageBackend>;
  /** Jobs at once from the environment. Default: that of the backend's lanes. */
  readonly maxConcurrent?: number;
  /** From the environment; see `ImageClientOptions.timeoutMs`. Default: that of the client. */
  readonly timeoutMs?: number;
  /** Host or address of the service, to show how it is reached. Default: unknown until a probe reports it. */
  readonly address?: string;
}

/**
 * What a program with several backends knows about one before using it: its name, configuration and prices. A module that
 * exports one as `definition` can be named in `HOLODECK_BACKENDS`.
 */
export interface BackendDefinition {
  /** The name of its backend, such as `"hunyuan"`: lower-case letters, digits and hyphens. */
  readonly name: string;
  /** Its name for people. */
  readonly label: MessageTexts;
  /** All variables that it reads, the most important first. If there are any, at least one must be set. */
  readonly variables: readonly BackendVariable[];
  /** Shown while it is not configured: what is missing and what to do. */
  readonly whenAbsent: MessageTexts;
  /**
   * Reads its variables with `readVariable`; undefined if they do not configure it. Loads heavy modules only if they do.
   * @throws {ImageError} outcome `not-submitted`, if something is wrong or half set.
   */
  readonly configure: (environment: Environment) => BackendSetup | undefined | Promise<BackendSetup | undefined>;
  /** Loads the backend's messages, to translate stored errors. Default: they stay English. */
  readonly loadMessages?: () => Promise<unknown>;
  /** The variable that chooses its model. Default: the model cannot be chosen. */
  readonly modelVariable?: string;
  /** What sends its requests cheaper and slower: a variable and its value. Default: nothing does. */
  readonly economy?: { readonly variable: string; readonly value: string };
  /** The `providerOptions.<name>` that it takes, as help shows them: `quality=low|high`. The backend checks values. Default: none. */
  readonly requestOptions?: readonly string[];
  /** The `providerOptions.<name>` that make it send previews. Default: it sends none. */
  readonly previewOptions?: ProviderOptions;
  /** Prices of its models, by `"<name>/<model>"` or `"<name>"`; the caller's prices win. Default: the built-in list. */
  readonly prices?: PriceList;
  /** What to check before the first paid call, even after a successful probe. Default: nothing. */
  readonly beforeFirstUse?: MessageTexts;
}
