import { join } from 'node:path';
import type { MaxCost } from '@holodeck/core';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { randomUUID } from 'node:crypto';
import { openJobService } from '../jobs/open-job-service.ts';
import type { JobServiceOptions } from '../jobs/open-job-service.ts';
import type { Caller } from '../keys/caller.ts';
import { createMcpServer } from './create-mcp-server.ts';

/** What `serveMcp` takes. */
export interface McpServeOptions extends Pick<
  JobServiceOptions,
  'backends' | 'outputDir' | 'prices' | 'store' | 'permits' | 'judge'
> {
  /** The most that this server may spend until it ends. Default 0. */
  readonly maxCost?: MaxCost;
  /** Backends that the limit does not count, such as emulators. Default: none. */
  readonly free?: readonly string[];
}

/** Serves agents over stdin and stdout. Resolves when it listens; `close` ends it, and open jobs go on in the next server. */
export async function serveMcp(options: McpServeOptions): Promise<{ close(): Promise<void> }> {
  const { maxCost = 0, free = [], ...rest } = options;
  // A limit of this server alone: jobs and scenes belong to all users of the folder.
  const caller: Caller = { key: '', maxCost, free, budget: `mcp-${randomUUID()}` };
  const service = await openJobService({
    ...rest,
    callerOf: (key) => (key === '' ? caller : undefined),
  });
  const handle = serveStdio(() =>
    createMcpServer({
      service,
      caller,
      addressOf: ({ images }, index) => join(service.outputDir, ...(images[index]?.path ?? '').split('/')),
    }),
  );
  return {
    async close() {
      await handle.close();
      await service.close();
    },
  };
}
