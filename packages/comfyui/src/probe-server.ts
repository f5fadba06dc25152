import { isRecord } from '@holodeck/core/backend';
import { ImageError } from '@holodeck/core';
import { choicesOf, fetchNodeInfo, isUpload } from './workflow/node-info.ts';
import { networkReason, tlsRemedy } from './comfyui-errors.ts';
import { chooseModel, fetchModels } from './workflow/model-choice.ts';
import { isAtLeast } from './job/comfyui-server.ts';
import { redirectRemedy } from './job/submit-errors.ts';
import { UnusableAnswer } from './job/job-lookup.ts';
import type { ImageErrorKind } from '@holodeck/core';
import type { ComfyUIServer } from './job/comfyui-server.ts';
import type { Graph } from './wire/comfyui-wire.ts';
import type { WorkflowPlan } from './workflow/workflow-plan.ts';

/** The first version that takes a prompt id of the client. */
export const leastVersion = '0.3.45';

/** What was found at one server. */
export interface ServerReport {
  readonly label: string;
  readonly status: 'ready' | 'down' | 'unknown';
  readonly message: string;
  readonly remedy?: string;
  readonly errorKind?: ImageErrorKind;
  readonly proves: readonly string[];
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** Looks at one server without using its queue. Throws only what the signal brings. */
export async function probeServer(
  server: ComfyUIServer,
  plan: WorkflowPlan,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<ServerReport> {
  const { label } = server;
  const report = (status: ServerReport['status'], message: string, more: Partial<ServerReport> = {}): ServerReport => ({
    label,
    status,
    message,
    proves: [],
    details: {},
    ...more,
  });
  try {
    const stats = await server.http.request('/system_stats', { signal });
    const system = isRecord(stats.json) ? stats.json['system'] : undefined;
    if (stats.status === 401 || stats.status === 403) {
      return report('down', `${label} refuses this client (HTTP ${stats.status}).`, {
        errorKind: 'auth',
        remedy:
          'Set COMFYUI_HEADERS (or the option headers) to what the proxy before ComfyUI wants, or give user and password in the URL.',
      });
    }
    if (stats.status >= 300 && stats.status < 400) {
      const where = stats.location === undefined ? '' : ` to ${stats.location}`;
      return report('down', `${label} redirects${where} (HTTP ${stats.status} to /system_stats).`, {
        errorKind: 'unavailable',
        remedy: redirectRemedy,
      });
    }
    if (stats.status !== 200 || !isRecord(system)) {
      return report('down', `What answers at ${label} is not ComfyUI (HTTP ${stats.status} to /system_stats).`, {
        errorKind: 'unavailable',
        remedy: 'Check COMFYUI_URL: host, port and path prefix.',
      });
    }
    const version = typeof system['comfyui_version'] === 'string' ? system['comfyui_version'] : '';
    const details: Record<string, string | number | boolean> = {
      server: label,
      ...(version === '' ? {} : { version }),
      ...deviceDetails(stats.json),
    };
    const proves = [`${label} runs ComfyUI ${version}`.trim()];
    if (!isAtLeast(version, leastVersion)) {
      return report('down', `ComfyUI ${version} at ${label} is too old.`, {
        errorKind: 'unsupported',
        remedy: `Update ComfyUI to ${leastVersion} or later: older ones do not take a job id of the client, so a lost answer could not be cleared up.`,
        proves,
        details,
      });
    }
    const faults = await missingParts(server, plan, wanted, signal);
    if (faults.length > 0) {
      return report('down', `ComfyUI at ${label} cannot run the workflow: ${faults.join('; ')}.`, {
        errorKind: 'unsupported',
        remedy:
          'Install the missing custom nodes and models on the server (ComfyUI-Manager finds both), or use another workflow.',
        proves,
        details,
      });
    }
    proves.push(`all nodes of the workflow are there`);
    if (plan.builtin) {
      const { choice, among } = chooseModel(await fetchModels(server.http, signal), wanted, label);
      details['checkpoint'] = choice.checkpoint;
      proves.push(
        `the model ${choice.checkpoint} is there${among === undefined ? '' : ` (chosen among ${among.length}; set COMFYUI_CHECKPOINT to choose)`}`,
      );
    }
    return report('ready', `ComfyUI ${version} at ${label} is ready.`, { proves, details });
  } catch (error) {
    signal.throwIfAborted();
    if (ImageError.isInstance(error)) {
      return report('down', error.message, { errorKind: error.kind });
    }
    if (error instanceof UnusableAnswer) {
      return report('unknown', `ComfyUI at ${label} answers in an unexpected way (${error.message}).`, {
        errorKind: 'bad-response',
      });
    }
    const reason = networkReason(error);
    return report('down', `ComfyUI at ${label} cannot be reached (${reason}).`, {
      errorKind: 'unavailable',
      remedy:
        tlsRemedy(reason) ??
        'Start ComfyUI (python main.py; with --listen when it is on another machine) and check COMFYUI_URL.',
    });
  }
}

function deviceDetails(stats: unknown): Record<string, string | number> {
  const devices = isRecord(stats) && Array.isArray(stats['devices']) ? stats['devices'] : [];
  const first: unknown = devices[0];
  if (!isRecord(first)) {
    return {};
  }
  return {
    ...(typeof first['name'] === 'string' ? { device: first['name'] } : {}),
    ...(typeof first['vram_free'] === 'number' ? { vramFreeBytes: first['vram_free'] } : {}),
  };
}

/** Node classes that are missing, and names of models and other choices that the server does not have. */
async function missingParts(
  server: ComfyUIServer,
  plan: WorkflowPlan,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const info = await fetchNodeInfo(server.http, plan.classes, signal);
  const missing = plan.classes.filter((name) => !info.has(name)).map((name) => `the node ${name} is not installed`);
  const graph: Graph = plan.template?.graph ?? {};
  const replaced = new Set(
    (wanted === undefined ? [] : (plan.template?.binding.checkpoint ?? [])).map(
      (address) => `${address.node}.${address.input}`,
    ),
  );
  const bound = new Set(
    (plan.template?.binding.references ?? []).map(({ address }) => `${address.node}.${address.input}`),
  );
  for (const [id, node] of Object.entries(graph)) {
    const nodeInfo = info.get(node.class_type);
    for (const [input, own] of Object.entries(node.inputs)) {
      const value = replaced.has(`${id}.${input}`) ? wanted : own;
      const choices = choicesOf(nodeInfo, input);
      const open =
        nodeInfo === undefined ||
        choices === undefined ||
        typeof value !== 'string' ||
        bound.has(`${id}.${input}`) ||
        isUpload(nodeInfo, input);
      if (!open && !choices.includes(value)) {
        const has =
          choices.length === 0
            ? 'none'
            : choices.length > 20
              ? `${choices.slice(0, 20).join(', ')}, ...`
              : choices.join(', ');
        missing.push(
          `node ${id} (${node.class_type}): ${input} ${JSON.stringify(value)} is not there; the server has: ${has}`,
        );
      }
    }
  }
  return missing;
}
