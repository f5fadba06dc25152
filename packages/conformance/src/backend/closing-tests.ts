import type { DefineTest } from './backend-suite.ts';
import { runBackendProcess } from './backend-process.ts';

/** `close` frees what a backend holds, and nothing else. */
export function defineClosingTests(test: DefineTest): void {
  test(
    'frees its connections, and may be called twice',
    async (fixture) => {
      const { backend, harness } = fixture;
      await backend.probe({ signal: new AbortController().signal });
      await fixture.collect(await fixture.submit());
      await fixture.within(backend.close(), 'close');
      await fixture.within(backend.close(), 'a second close');
      await fixture.until('no connection is open', async () => (await harness.openConnections()) === 0);
    },
    { images: 1 },
  );

  test('leaves jobs at the service alone', async (fixture) => {
    await fixture.provoke('hold-job');
    const handle = await fixture.submit();
    await fixture.within(fixture.backend.close(), 'close');
    await fixture.calm();
    const backend = await fixture.another();
    const { context } = await fixture.collect(handle, { backend });
    fixture.expect(context.image(0)?.info?.complete).toBe(true);
  });

  test('lets the process end', async (fixture) => {
    const { remote } = fixture.harness;
    if (typeof remote === 'string') return fixture.skip(remote);
    const end = await fixture.within(
      runBackendProcess({ opener: remote, request: fixture.request(), folder: fixture.folder }),
      'a process that has closed its backend',
    );
    fixture.expect(end).toEqual({ output: 'closed', exitCode: 0 });
    await fixture.expectSubmissions(1);
  });
}
