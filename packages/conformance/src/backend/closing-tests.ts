import type { RemoteOpener } from '../child-command.ts';
import type { BackendFixture } from './backend-fixture.ts';
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
    if (typeof remote === 'string') fixture.skip(remote);
    else await endsByItself(fixture, remote);
  });
}

async function endsByItself(fixture: BackendFixture, opener: RemoteOpener): Promise<void> {
  const end = await runBackendProcess({ opener, request: fixture.request(), folder: fixture.folder });
  fixture.expect(end).toEqual({ output: 'closed', exitCode: 0 });
  await fixture.expectSubmissions(1);
}
