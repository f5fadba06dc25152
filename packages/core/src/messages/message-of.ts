import type { Message, MessageParams, MessageValue } from './message.ts';

/** Only the message of a larger object, such as an error. */
export function messageOf({ message, messageId, params }: Message): Message {
  return { message, ...(messageId !== undefined && { messageId }), ...(params !== undefined && { params }) };
}

/** A message with cleaned text (for example, without secrets), in the sentence and in every value. */
export function cleanMessage(message: Message, clean: (text: string) => string): Message {
  const { params } = message;
  const cleaned = messageOf({ ...messageOf(message), message: clean(message.message) });
  return params === undefined ? cleaned : { ...cleaned, params: cleanParams(params, clean) };
}

function cleanParams(params: MessageParams, clean: (text: string) => string): MessageParams {
  const value = (one: MessageValue): MessageValue =>
    typeof one === 'string' ? clean(one) : typeof one === 'number' ? one : cleanMessage(one, clean);
  return Object.fromEntries(Object.entries(params).map(([name, one]) => [name, value(one)]));
}
