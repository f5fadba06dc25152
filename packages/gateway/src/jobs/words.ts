import { z } from '@hono/zod-openapi';
import { isBlank } from '@holodeck/core/backend';
import { say } from './gateway-messages.ts';

/** A text of a caller that shows something, of at most so many characters. */
export function words(most: number): z.ZodString {
  return z
    .string()
    .refine((text) => !isBlank(text), say('blank').message)
    .min(1)
    .max(most);
}
