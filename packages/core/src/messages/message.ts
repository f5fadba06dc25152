/** A language of the messages. */
export type Language = 'en' | 'zh';

/** The value of a placeholder: a word, a number, or another message, which is translated with it. */
export type MessageValue = string | number | Message;

/** The values of a message by placeholder. Plain JSON, so that stores and events can contain it. */
export type MessageParams = Readonly<Record<string, MessageValue>>;

/** A sentence for people, with all that is needed to translate it. */
export interface Message {
  /** The English sentence, worded for code. */
  readonly message: string;
  /** Id of the sentence, such as `core.prompt-empty`; absent for text from elsewhere. */
  readonly messageId?: string | undefined;
  readonly params?: MessageParams | undefined;
}
