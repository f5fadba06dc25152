import type { ImageError } from '@holodeck/core';
import { joinSentences } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { comfyuiError, invalidOptions, joinFaults } from '../comfyui-errors.ts';
import { say } from '../comfyui-messages.ts';
import { resolveServers } from '../comfyui-options.ts';
import type { ComfyUIOptions, Server } from '../comfyui-options.ts';
import { reasonOf } from '../job/job-lookup.ts';
import { ComfyUIHttp } from '../wire/comfyui-http.ts';
import type { Graph } from '../wire/comfyui-wire.ts';
import { fetchNodeInfo } from '../workflow/node-info.ts';
import type { NodeInfo } from '../workflow/node-info.ts';
import { checkWorkflow, readWorkflow } from '../workflow/workflow.ts';
import type { WorkflowSource } from '../workflow/workflow.ts';
import { classesOf, convertUiWorkflow } from './convert-ui-workflow.ts';
import { isUiWorkflow, readUiWorkflow } from './ui-graph.ts';
import { sayOfUi } from './ui-workflow-messages.ts';

/** The servers to ask, as `createComfyUIBackend` takes them. */
export type ConversionServer = Pick<ComfyUIOptions, 'url' | 'urls' | 'headers' | 'network'>;

/**
 * A workflow in API format, whatever it is: one that ComfyUI's page has saved ("nodes" and "links") is converted as the page's
 * own "Export (API)" does it, with the list of nodes of the first server that gives one. One in API format comes back as it is,
 * and nothing is asked.
 *
 * ```ts
 * const workflow = await convertWorkflow('portrait.json', { url });
 * const client = createComfyUIClient({ url, workflow });
 * ```
 *
 * @throws ImageError `unsupported` naming the nodes that the server lacks; `invalid-request` naming those whose values or links
 * only the page knows (Get and Set, dynamic prompts, values of custom widgets), and how to export; `unavailable` when no server
 * answers.
 */
export async function convertWorkflow(
  source: WorkflowSource,
  server: ConversionServer = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Graph> {
  const { url, urls, headers, network } = server;
  const { value, name } = readWorkflow(source);
  if (!isUiWorkflow(value)) {
    return checkWorkflow(value, name);
  }
  const workflow = readUiWorkflow(value);
  if ('damaged' in workflow) {
    throw refused(name, [sayOfUi('ui-damaged', { index: workflow.damaged })]);
  }
  const servers = resolveServers({
    ...(url === undefined ? {} : { url }),
    ...(urls === undefined ? {} : { urls }),
    ...(headers === undefined ? {} : { headers }),
  });
  const info = await askAny(servers, network ?? {}, classesOf(workflow), name, signal);
  const conversion = convertUiWorkflow(workflow, info);
  if ('graph' in conversion) {
    return conversion.graph;
  }
  if (conversion.reason === 'missing') {
    const said = sayOfUi('ui-workflow', { workflow: name, problems: joinFaults(conversion.problems) });
    throw comfyuiError({
      kind: 'unsupported',
      outcome: 'not-submitted',
      code: 'missing_node_type',
      ...joinSentences(said, sayOfUi('ui-install')),
    });
  }
  throw refused(name, conversion.problems);
}

function refused(workflow: Message, problems: readonly Message[]): ImageError {
  const said = sayOfUi('ui-workflow', { workflow, problems: joinFaults(problems) });
  return invalidOptions(joinSentences(said, say('how-to-export')));
}

/** What the first server that answers says of the classes. @throws ImageError of the last one where none does. */
async function askAny(
  servers: readonly Server[],
  network: NonNullable<ComfyUIOptions['network']>,
  classes: readonly string[],
  workflow: Message,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, NodeInfo>> {
  let failure: ImageError | undefined;
  for (const server of servers) {
    const http = new ComfyUIHttp(server, network);
    try {
      return await fetchNodeInfo(http, classes, signal);
    } catch (error) {
      signal.throwIfAborted();
      failure = comfyuiError({
        kind: 'unavailable',
        outcome: 'not-submitted',
        retryable: true,
        ...sayOfUi('ui-no-server', { workflow, server: server.label, reason: reasonOf(error) }),
        cause: error,
      });
    } finally {
      await http.close();
    }
  }
  throw failure!;
}
