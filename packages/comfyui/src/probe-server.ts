import type { Message } from '@holodeck/core/messages';
import { say } from './comfyui-messages.ts';
import { isRecord } from '@holodeck/core/backend';
import { ImageError } from '@holodeck/core';
import { choicesOf, fetchNodeInfo, isUpload } from './workflow/node-info.ts';
import { joinFaults, networkReason, tlsRemedy } from './comfyui-errors.ts';
import { listNames } from './list-names.ts';
import { probeQueue, readDevice } from './probe-load.ts';
import { probeModels } from './probe-models.ts';
import { isAtLeast } from './job/comfyui-server.ts';
import { packOf } from './ui-workflow/node-packs.ts';
import { UnusableAnswer } from './job/job-lookup.ts';
import type { ImageErrorKind } from '@holodeck/core';
import type { ComfyUIOptions } from './comfyui-options.ts';
import type { LoadReport } from './probe-load.ts';
import type { ComfyUIServer } from './job/comfyui-server.ts';
import type { Graph } from './wire/comfyui-wire.ts';
import type { WorkflowPlan } from './workflow/workflow-plan.ts';

/** The first version that takes a prompt id of the client. */
export const leastVersion = '0.3.45';

/** What was found at one server. */
export interface ServerReport {
  readonly label: string;
  readonly status: 'ready' | 'down' | 'unknown';
  readonly message: Message;
  readonly remedy?: Message;
  readonly errorKind?: ImageErrorKind;
  readonly proves: readonly Message[];
  readonly doesNotProve: readonly Message[];
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** Looks at one server without using its queue. Throws only what the signal brings. */
export async function probeServer(
  server: ComfyUIServer,
  plan: WorkflowPlan,
  options: ComfyUIOptions,
  signal: AbortSignal,
): Promise<ServerReport> {
  const { label } = server;
  const doesNotProve: Message[] = [];
  const report = (
    status: ServerReport['status'],
    message: Message,
    more: Partial<ServerReport> = {},
  ): ServerReport => ({
    label,
    status,
    message,
    proves: [],
    doesNotProve: [],
    details: {},
    ...more,
  });
  try {
    const stats = await server.http.request('/system_stats', { signal });
    const system = isRecord(stats.json) ? stats.json['system'] : undefined;
    if (stats.status === 401 || stats.status === 403) {
      return report('down', say('probe-refused', { server: label, status: stats.status }), {
        errorKind: 'auth',
        remedy: say('probe-refused-remedy'),
      });
    }
    if (stats.status >= 300 && stats.status < 400) {
      const { status, location } = stats;
      const said =
        location === undefined
          ? say('probe-redirects', { server: label, status })
          : say('probe-redirects-to', { server: label, location, status });
      return report('down', said, { errorKind: 'unavailable', remedy: say('redirect-remedy') });
    }
    if (stats.status !== 200 || !isRecord(system)) {
      return report('down', say('probe-other', { server: label, status: stats.status }), {
        errorKind: 'unavailable',
        remedy: say('check-url'),
      });
    }
    const version = typeof system['comfyui_version'] === 'string' ? system['comfyui_version'] : '';
    const device = readDevice(stats.json);
    const details: Record<string, string | number | boolean> = {
      server: label,
      ...(version === '' ? {} : { version }),
      ...device.details,
    };
    const proves = [
      version === '' ? say('runs-comfyui', { server: label }) : say('runs-version', { server: label, version }),
    ];
    if (!isAtLeast(version, leastVersion)) {
      return report('down', say('too-old', { version, server: label }), {
        errorKind: 'unsupported',
        remedy: say('too-old-remedy', { least: leastVersion }),
        proves,
        details,
      });
    }
    const faults = await missingParts(server, plan, options.checkpoint, signal);
    if (faults.length > 0) {
      return report('down', say('cannot-run', { server: label, faults: joinFaults(faults) }), {
        errorKind: 'unsupported',
        remedy: say('cannot-run-remedy'),
        proves,
        details,
      });
    }
    proves.push(say('nodes-there'));
    const note = (found: LoadReport): void => {
      proves.push(...found.proves);
      doesNotProve.push(...found.doesNotProve);
      Object.assign(details, found.details);
    };
    if (plan.builtin) {
      note(await probeModels(server, options, device, signal));
    } else {
      doesNotProve.push(say(device.inRam ? 'unproved-ram' : 'unproved-memory'));
    }
    note(await probeQueue(server, signal));
    const said =
      version === '' ? say('ready-unversioned', { server: label }) : say('ready', { version, server: label });
    return report('ready', said, { proves, doesNotProve, details });
  } catch (error) {
    signal.throwIfAborted();
    if (ImageError.isInstance(error)) {
      return report('down', error, { errorKind: error.kind });
    }
    if (error instanceof UnusableAnswer) {
      return report('unknown', say('unexpected-answer', { server: label, reason: error.said }), {
        errorKind: 'bad-response',
      });
    }
    const reason = networkReason(error);
    return report('down', say('unreachable', { server: label, reason }), {
      errorKind: 'unavailable',
      remedy: tlsRemedy(reason) ?? say('start-remedy'),
    });
  }
}

/** Node classes that are missing, and names of models and other choices that the server does not have. */
async function missingParts(
  server: ComfyUIServer,
  plan: WorkflowPlan,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<Message[]> {
  const info = await fetchNodeInfo(server.http, plan.classes, signal);
  const missing = plan.classes.filter((name) => !info.has(name)).map(notInstalled);
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
        const place = { node: id, type: node.class_type, input, value: JSON.stringify(value) };
        missing.push(
          choices.length === 0
            ? say('choice-missing-any', place)
            : say('choice-missing', { ...place, choices: listNames(choices) }),
        );
      }
    }
  }
  return missing;
}

function notInstalled(node: string): Message {
  const pack = packOf(node);
  return pack === undefined ? say('node-not-installed', { node }) : say('node-not-installed-pack', { node, pack });
}
