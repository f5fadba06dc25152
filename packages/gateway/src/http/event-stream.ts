import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { SSEStreamingApi } from 'hono/streaming';

/** Keeps proxies from cutting a stream in which nothing happens. */
const heartbeatMs = 15_000;

/** Answers with server-sent events until `work` is done or the client leaves. The first byte leaves at once. */
export function streamEvents(context: Context, work: (stream: SSEStreamingApi) => Promise<void>): Response {
  return streamSSE(context, async (stream) => {
    const beat = (): unknown => stream.write(': \n\n');
    const heartbeat = setInterval(beat, heartbeatMs);
    try {
      await beat();
      await work(stream);
    } catch (error) {
      // Nobody is there any more to be told, and nothing went wrong here.
      if (!context.req.raw.signal.aborted) throw error;
    } finally {
      clearInterval(heartbeat);
    }
  });
}
