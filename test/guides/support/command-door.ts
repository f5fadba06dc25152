import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { commandSeries } from '../../cli/support/command-series.ts';

const client = fileURLToPath(new URL('command-client.mjs', import.meta.url));

/** Where the commands of a guide are run, in a process that all guides share. */
export interface CommandDoor {
  /** What follows `node` to have a command run there; its arguments follow. */
  readonly client: readonly string[];
  close(): void;
}

/** Listens on a free port of this machine. */
export async function openCommandDoor(): Promise<CommandDoor> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    void text(socket)
      .then((command) => commandSeries.run(JSON.parse(command)))
      .then(
        (end) => socket.end(JSON.stringify(end)),
        (error: unknown) => socket.destroy(error as Error),
      );
    // A command that was killed hears no answer.
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { client: [client, String(port)], close: () => void server.close() };
}
