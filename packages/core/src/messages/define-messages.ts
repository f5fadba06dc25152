import { messageOf } from './message-of.ts';
import type { Language, Message, MessageParams, MessageValue } from './message.ts';

/** One message in every language. */
export type MessageTexts = Readonly<Record<Language, string>>;

/** Messages by their ids. */
export type MessageTable = Readonly<Record<string, MessageTexts>>;

/** The names of the placeholders in a text: `{name}` and `{count:image|images}`. */
export type Places<Text extends string> = Text extends `${string}{${infer Place}}${infer Rest}` ? NameOf<Place> | Places<Rest> : never;
/** The name in a placeholder. Braces around anything but one word belong to the sentence, such as an example of JSON. */
export type NameOf<Place extends string> = Place extends `${infer Name}:${string}|${string}` ? NameOf<Name> : Place extends `${string}${' ' | '"' | ':'}${string}` | '' ? never : Place;

/** Makes a message by its id; the compiler requires a value for every placeholder in the English text. */
export type Say<Table extends MessageTable> = <Id extends keyof Table & string>(id: Id, ...params: [Places<Table[Id]['en']>] extends [never] ? [] : [Readonly<Record<Places<Table[Id]['en']>, MessageValue>>]) => Message;

const known = new Map<string, MessageTexts>();
const sentencesId = 'sentences';

/**
 * Declares the messages of a package and returns the function that makes them. Each has both languages, so that a missing one is a
 * type error. In a text `{name}` is a placeholder, `{count:image|images}` the word that fits the number, and
 * `[in code|on the command line]` the wording for each reader.
 *
 * @param prefix Prefix of every id, such as `openai`.
 */
export function defineMessages<const Table extends MessageTable>(prefix: string, table: Table): Say<Table> {
  for (const [id, texts] of Object.entries(table)) known.set(`${prefix}.${id}`, texts);
  return (id, ...[values]: [MessageParams?]) => {
    const params = values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plainValue(value)]));
    const said = messageOf({ message: id, messageId: `${prefix}.${id}`, params });
    return { ...said, message: renderMessage(said) };
  };
}

/**
 * Joins sentences into one message. Skips undefined parts and keeps text from elsewhere as it is. Without an id in any part, the
 * result has none.
 */
export function joinSentences(...parts: readonly (Message | string | undefined)[]): Message {
  const present = parts.filter((part): part is Message | string => part !== undefined && part !== '').map(plainValue);
  const message = joinTexts(present, {});
  if (!present.some((part) => typeof part === 'object' && part.messageId !== undefined)) return { message };
  return { message, messageId: sentencesId, params: Object.fromEntries(present.map((part, index) => [index, part])) };
}

/** How a message is rendered. */
export interface RenderOptions {
  /** Default `en`. */
  readonly language?: Language;
  /** The reader, because what they can do differs. Default `code`. */
  readonly reader?: 'code' | 'command-line';
}

/**
 * A message in a language for a reader. A message without an id, or of a package that is not loaded, stays as it is.
 */
export function renderMessage(message: Message, options: RenderOptions = {}): string {
  const { language = 'en', reader = 'code' } = options;
  const { messageId, params = {} } = message;
  if (messageId === sentencesId) return joinTexts(Object.values(params), options);
  const texts = messageId === undefined ? undefined : known.get(messageId);
  if (texts === undefined) return message.message;
  return texts[language].replace(/\[([^[\]|]*)\|([^[\]|]*)\]/g, reader === 'code' ? '$1' : '$2').replace(/\{(\w+)(?::([^{}|]*)\|([^{}|]*))?\}/g, (all, name: string, one?: string, many?: string) => {
    const value = params[name];
    if (value === undefined) return all;
    if (one !== undefined) return (Number(value) === 1 ? one : many) ?? '';
    return valueText(value, options);
  });
}

/**
 * Translates a sentence of a report, such as `ProbeReport.remedy`; `sentences` are the report's messages. A text that is not among
 * them stays as it is.
 */
export function renderSentence(text: string, sentences: readonly Message[] = [], options: RenderOptions = {}): string {
  return renderMessage(findSentence(text, sentences), options);
}

/** The message of a report's sentence; a text that is not among them becomes a message without an id. */
export function findSentence(text: string, sentences: readonly Message[] = []): Message {
  return sentences.find((sentence) => sentence.message === text) ?? { message: text };
}

/** All loaded messages by their full id, for tests and catalogues of third parties. */
export function knownMessages(): ReadonlyMap<string, MessageTexts> {
  return known;
}

/** Joins sentences with a blank, except after a Chinese full stop. */
function joinTexts(parts: readonly MessageValue[], options: RenderOptions): string {
  const texts = parts.map((part) => valueText(part, options));
  return texts.reduce((all, part) => all + (all === '' || /[。！？；]$/.test(all) ? '' : ' ') + part, '');
}

function valueText(value: MessageValue, options: RenderOptions): string {
  return typeof value === 'object' ? renderMessage(value, options) : String(value);
}

function plainValue<Value extends MessageValue>(value: Value): Value | Message {
  return typeof value === 'object' ? messageOf(value) : value;
}
