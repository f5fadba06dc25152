import { CommandError } from '../run/command-error.ts';
import { messages } from '../messages/messages.ts';
import { sharedStoreUrl } from '../run/shared-store.ts';

/** The address of a queue: `--queue`, else `HOLODECK_STORE`. @throws CommandError when there is none. */
export function queueUrl(option: string | undefined): string {
  const url = option ?? sharedStoreUrl();
  if (url !== undefined) return url;
  throw new CommandError(messages().errors.queue.noAddress);
}
