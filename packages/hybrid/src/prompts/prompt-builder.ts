import type { ImageWarning } from '@holodeck/core';
import type { BackendCapabilities } from '@holodeck/core/backend';
import { invalidRequest } from '../internal/errors.ts';
import { defaultTemplates } from './prompt-templates.ts';
import type { PromptTemplates } from './prompt-templates.ts';
import { languageOf } from './script.ts';
import type { PromptLanguage } from './script.ts';
import { isTransparencySure } from './transparency.ts';

/** What a prompt is for, in the caller's words. */
export type PromptSubject =
  | { readonly kind: 'scene-reference'; readonly text: string }
  | { readonly kind: 'card'; readonly name: string; readonly description: string; readonly hasReference: boolean }
  | { readonly kind: 'image'; readonly text: string };

/** A subject and what goes with it. */
export interface PromptInput {
  readonly subject: PromptSubject;
  readonly style?: string;
  readonly negativePrompt?: string;
}

/** What is sent. */
export interface BuiltPrompt {
  readonly prompt: string;
  /** Only where the backend takes one. */
  readonly negativePrompt?: string;
  /** Only where the backend takes it as a parameter of its own. */
  readonly style?: string;
  readonly language: PromptLanguage;
  /** Version of the templates. */
  readonly version: string;
  /** What was said in words because the backend has no parameter for it. */
  readonly warnings: readonly ImageWarning[];
}

/** Replaces the built-in words, wholly or in part. */
export interface PromptOptions {
  /**
   * Names the templates in manifests. Part of what decides whether an asset is made again, so raise it whenever a template
   * changes.
   */
  readonly version: string;
  readonly templates: { readonly [Language in PromptLanguage]?: Partial<PromptTemplates> };
}

/** Version of the built-in templates. It rises whenever their words change. */
export const promptVersion = 'holodeck-1';

/** Turns a subject into the words for one backend. Pure. */
export interface PromptBuilder {
  readonly version: string;
  build(input: PromptInput, capabilities: BackendCapabilities): BuiltPrompt;
}

/**
 * The prompt builder: Chinese or English by the text's own script, with the built-in templates or the given ones.
 *
 * @throws ImageError of kind `invalid-request` for templates without a version.
 */
export function createPromptBuilder(options?: PromptOptions): PromptBuilder {
  if (options !== undefined && (typeof options.version !== 'string' || options.version.trim() === '')) {
    throw invalidRequest('The option `prompts` needs a `version` of its own, such as "my-studio-1".');
  }
  if (options?.version === promptVersion) {
    throw invalidRequest(`The version "${promptVersion}" belongs to the built-in templates. Give yours another name.`);
  }
  const version = options?.version ?? promptVersion;
  const templates: Record<PromptLanguage, PromptTemplates> = {
    zh: { ...defaultTemplates.zh, ...options?.templates.zh },
    en: { ...defaultTemplates.en, ...options?.templates.en },
  };
  return { version, build: (input, capabilities) => buildPrompt(input, capabilities, templates, version) };
}

function buildPrompt(
  { subject, style, negativePrompt }: PromptInput,
  capabilities: BackendCapabilities,
  templates: Readonly<Record<PromptLanguage, PromptTemplates>>,
  version: string,
): BuiltPrompt {
  const language = languageOf(subject.kind === 'card' ? `${subject.name} ${subject.description}` : subject.text);
  const template = templates[language];
  const warnings: ImageWarning[] = [];
  const takesNegative = capabilities.maxNegativePromptLength !== undefined;
  const takesStyle = capabilities.style;
  const inWords = style === undefined || takesStyle ? {} : { style };
  if (style !== undefined && !takesStyle) warnings.push(folded('style', 'style'));
  const words: string[] = [wordsOf(subject, inWords, capabilities, template)];
  if (negativePrompt !== undefined && !takesNegative) {
    words.push(template.avoid(negativePrompt));
    warnings.push(folded('negativePrompt', 'negative prompt'));
  }
  const negatives = [subject.kind === 'card' ? template.cardNegative : '', negativePrompt ?? ''].filter(
    (part) => part !== '',
  );
  const prompt = words.join(language === 'zh' ? '' : ' ');
  const length = Array.from(prompt).length;
  if (length > capabilities.maxPromptLength) {
    throw invalidRequest(
      `The prompt for ${labelOf(subject)} takes ${length} characters with the words that are added to it; the backend takes at most ${capabilities.maxPromptLength}. Shorten the description by ${length - capabilities.maxPromptLength}.`,
    );
  }
  return {
    prompt,
    language,
    version,
    warnings,
    ...(takesNegative && negatives.length > 0
      ? { negativePrompt: negatives.join(language === 'zh' ? '，' : ', ') }
      : {}),
    ...(style !== undefined && takesStyle ? { style } : {}),
  };
}

function wordsOf(
  subject: PromptSubject,
  inWords: { readonly style?: string },
  capabilities: BackendCapabilities,
  template: PromptTemplates,
): string {
  if (subject.kind === 'scene-reference') return template.scene({ text: subject.text, ...inWords });
  if (subject.kind === 'image') return template.image({ text: subject.text, ...inWords });
  const { name, description, hasReference } = subject;
  return template.card({
    name,
    description,
    hasReference,
    transparent: isTransparencySure(capabilities),
    ...inWords,
  });
}

function labelOf(subject: PromptSubject): string {
  if (subject.kind === 'card') return `the card "${subject.name}"`;
  return subject.kind === 'image' ? 'the image' : 'the scene reference';
}

function folded(feature: string, label: string): ImageWarning {
  return {
    code: 'option-adjusted',
    feature,
    message: `The backend has no parameter for a ${label}; it was written into the prompt.`,
  };
}
