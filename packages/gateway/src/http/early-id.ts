import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/**
 * Puts a job's id into the answer, before the outcome is known if the client asks for it with `Prefer: early-hints`: as an
 * informational response (103) ahead of the answer, whose status stays free. Only on request, because some clients and proxies
 * take a 103 for the answer.
 * @see RFC 8297
 */
export function sendJobId(context: Context, id: string): void {
  context.header('x-holodeck-job', id);
  const { incoming, outgoing } = context.env as unknown as HttpBindings;
  if (!/\bearly-hints\b/.test(context.req.header('prefer') ?? '') || incoming.httpVersion === '1.0') return;
  // Node sends nothing without a link.
  if ('writeEarlyHints' in outgoing)
    outgoing.writeEarlyHints({ link: `</v1/jobs/${id}>; rel=monitor`, 'x-holodeck-job': id });
}
