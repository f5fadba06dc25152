import type { ImageWarning } from '@holodeck/core';
import type { BackendCapabilities } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { invalidRequest } from '../internal/errors.ts';
import type { CardView } from '../assets/card-views.ts';
import type { ColourNames } from './main-colours.ts';
import { say } from '../request-messages.ts';
import { defaultTemplates } from './prompt-templates.ts';
import type { CardPromptInput, PromptTemplates } from './prompt-templates.ts';
import { languageOf } from './script.ts';
import type { PromptLanguage } from './script.ts';
import { isTransparencySure } from './transparency.ts';

/** What a prompt is for, in the caller's words. */
export type PromptSubject =
  | { readonly kind: 'scene-reference'; readonly text: string }
  | {
      readonly kind: 'card';
      readonly name: string;
      readonly description: string;
      readonly hasReference: boolean;
      /** A further side of the object; absent = its front card. */
      readonly view?: Exclude<CardView, 'front'>;
    }
  | { readonly kind: 'image'; readonly text: string };

/** A subject and what goes with it. */
export interface PromptInput {
  readonly subject: PromptSubject;
  readonly style?: string;
  readonly negativePrompt?: string;
  /** The scene reference in words, for what follows it without seeing it. */
  readonly look?: SceneInWords;
}

/** What words can say of a scene reference. */
export interface SceneInWords {
  /** The sentence that it was made from. */
  readonly text?: string;
  /** Names of its main colours in each language, the most frequent first. */
  readonly colours: ColourNames;
}

/** What is sent. */
export interface BuiltPrompt {
  readonly prompt: string;
  /** Only if the backend takes one. */
  readonly negativePrompt?: string;
  /** Only if the backend has a parameter for it. */
  readonly style?: string;
  readonly language: PromptLanguage;
  /** Version of the templates. */
  readonly version: string;
  /** What went into the prompt because the backend has no parameter for it. */
  readonly warnings: readonly ImageWarning[];
}

/** Replaces some or all of the built-in wording. */
export interface PromptOptions {
  /**
   * Names the templates in manifests. Change it with every change of a template, so that assets are made again.
   */
  readonly version: string;
  readonly templates: { readonly [Language in PromptLanguage]?: Partial<PromptTemplates> };
}

/** Version of the built-in templates. Rises when their wording changes. */
export const promptVersion = 'holodeck-1';

/** Turns a subject into the prompt for one backend. Pure. */
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
    throw invalidRequest(say('prompts-version'));
  }
  if (options?.version === promptVersion) {
    throw invalidRequest(say('prompts-taken', { version: promptVersion }));
  }
  const version = options?.version ?? promptVersion;
  const templates: Record<PromptLanguage, PromptTemplates> = {
    zh: { ...defaultTemplates.zh, ...options?.templates.zh },
    en: { ...defaultTemplates.en, ...options?.templates.en },
  };
  return { version, build: (input, capabilities) => buildPrompt(input, capabilities, templates, version) };
}

function buildPrompt(
  { subject, style, negativePrompt, look }: PromptInput,
  capabilities: BackendCapabilities,
  templates: Readonly<Record<PromptLanguage, PromptTemplates>>,
  version: string,
): BuiltPrompt {
  const language = languageOf(subject.kind === 'card' ? `${subject.name} ${subject.description}` : subject.text);
  const template = templates[language];
  const warnings: ImageWarning[] = [];
  const takesNegative = capabilities.maxNegativePromptLength !== undefined;
  const takesStyle = capabilities.style;
  const styleWords = style === undefined || takesStyle ? {} : { style };
  if (style !== undefined && !takesStyle)
    warnings.push({ code: 'option-adjusted', feature: 'style', ...say('style-in-prompt') });
  const words: string[] = [wordsOf(subject, styleWords, capabilities, template)];
  if (negativePrompt !== undefined && !takesNegative) {
    words.push(template.avoid(negativePrompt));
    warnings.push({ code: 'option-adjusted', feature: 'negativePrompt', ...say('negative-in-prompt') });
  }
  const negatives = [subject.kind === 'card' ? template.cardNegative : '', negativePrompt ?? ''].filter(
    (part) => part !== '',
  );
  const separator = language === 'zh' ? '' : ' ';
  const room = capabilities.maxPromptLength - lengthOf(words.join(separator)) - separator.length;
  const sentences = look === undefined ? [] : looksInWords(look, template, language);
  const fitting = sentences.find((sentence) => lengthOf(sentence) <= room);
  const prompt = [...words, ...(fitting === undefined ? [] : [fitting])].join(separator);
  const length = lengthOf(prompt);
  const most = capabilities.maxPromptLength;
  if (length > most)
    throw invalidRequest(say('prompt-long', { subject: labelOf(subject), length, most, excess: length - most }));
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
  const { name, description, hasReference, view } = subject;
  const card: CardPromptInput = {
    name,
    description,
    hasReference,
    transparent: isTransparencySure(capabilities) && capabilities.transparentBackgroundIsCutOut !== true,
    ...inWords,
  };
  return view === undefined ? template.card(card) : template.view({ ...card, view });
}

/** Ways to say a look, the fullest first: a description that has room is not refused for the sake of it. */
function looksInWords(
  { text, colours }: SceneInWords,
  template: PromptTemplates,
  language: PromptLanguage,
): readonly string[] {
  const named = { colours: colours[language] };
  return [...(text === undefined ? [] : [template.look({ scene: text, ...named })]), template.look(named)];
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}

function labelOf(subject: PromptSubject): Message {
  if (subject.kind === 'card') return say('prompt-of-card', { name: subject.name });
  return say(subject.kind === 'image' ? 'prompt-of-image' : 'prompt-of-scene');
}
