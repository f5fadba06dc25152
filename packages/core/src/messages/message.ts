/** A language of the messages. */
export type Language = 'en' | 'zh';

/** What fills a place of a message: a word, a number, or another message, which is translated with it. */
export type MessageValue = string | number | Message;

/** The values of a message by the names of their places. Plain JSON, so that stores and events can carry it. */
export type MessageParams = Readonly<Record<string, MessageValue>>;

/** A sentence for people, with what it takes to say it again in another language. */
export interface Message {
  /** The sentence in English, as code would say it. */
  readonly message: string;
  /** Which sentence it is, such as `core.prompt-empty`; absent for text from elsewhere. */
  readonly messageId?: string | undefined;
  readonly params?: MessageParams | undefined;
}
