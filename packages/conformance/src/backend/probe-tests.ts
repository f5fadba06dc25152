import { ImageError } from '@holodeck/core';
import type { ImageBackend, ProbeReport } from '@holodeck/core';
import type { BackendFixture } from './backend-fixture.ts';
import type { DefineTest } from './backend-suite.ts';
import { capturingLogger } from './recording-context.ts';
import { hits } from './secret-search.ts';

const free = { images: 0 };

/** Probes decide which backend a session gets. They run often and automatically, so they must be free and correct. */
export function defineProbeTests(test: DefineTest): void {
  test(
    'reports a healthy server as ready, without a submission',
    async (fixture) => {
      const report = await probe(fixture);
      fixture.expect(report.status, report.message).toBe('ready');
      fixture.expect(report.proves.length).toBeGreaterThanOrEqual(1);
      for (let again = 0; again < 3; again += 1) await probe(fixture);
      await fixture.expectSubmissions(0);
    },
    free,
  );

  test('takes no job slot and disturbs no job', async (fixture) => {
    await fixture.provoke('hold-job');
    const handle = await fixture.submit();
    const report = await probe(fixture);
    fixture.expect(report.status, report.message).toBe('ready');
    await fixture.calm();
    await fixture.collect(handle);
    await fixture.expectSubmissions(1);
  });

  test(
    'says that a credential is refused, and what to do',
    async (fixture) => {
      const report = await probe(fixture, await fixture.variant('wrong-credential'));
      fixture.expect(report.status, report.message).not.toBe('ready');
      fixture.expect(report.errorKind).toBe('auth');
      fixture.expect((report.remedy ?? '').trim(), 'remedy').not.toBe('');
      await fixture.expectSubmissions(0);
    },
    free,
  );

  test(
    'says that a server is not reached, and what to do',
    async (fixture) => {
      const report = await probe(fixture, await fixture.variant('unreachable'));
      fixture.expect(report.status, report.message).toBe('down');
      fixture.expect(['unavailable', 'timeout']).toContain(report.errorKind);
      fixture.expect((report.remedy ?? '').trim(), 'remedy').not.toBe('');
    },
    free,
  );

  test(
    'throws only when it is aborted, and then at once',
    async (fixture) => {
      const stop = new AbortController();
      stop.abort(new Error('stopped by the suite'));
      const running = fixture.backend.probe({ signal: stop.signal });
      const end = await fixture.within(
        running.then(
          () => 'a report',
          () => 'thrown',
        ),
        'an aborted probe',
      );
      fixture.expect(end).toBe('thrown');
      await fixture.expectSubmissions(0);
    },
    free,
  );
}

/** The report, held to the rules that every report keeps. */
async function probe(fixture: BackendFixture, backend: ImageBackend = fixture.backend): Promise<ProbeReport> {
  const { expect, harness, logged } = fixture;
  const context = { signal: new AbortController().signal, logger: capturingLogger(logged) };
  const report = await fixture.within(backend.probe(context), 'probe').catch((error: unknown) => {
    throw new Error(`A probe reports and does not throw; it threw: ${String(error)}`, {
      cause: ImageError.isInstance(error) ? error.cause : error,
    });
  });
  expect(JSON.parse(JSON.stringify(report)), 'the report as plain JSON').toEqual(report);
  expect(['ready', 'down', 'unknown']).toContain(report.status);
  expect(report).toMatchObject({ backend: backend.name, model: backend.model });
  expect(report.message.trim(), 'message').not.toBe('');
  expect(report.status === 'ready' || report.errorKind !== undefined, 'a kind for what is not ready').toBe(true);
  expect(Number.isFinite(report.checkedAtMs) && report.durationMs >= 0, 'times').toBe(true);
  expect(hits(report, harness.secrets), 'secrets in the report').toEqual([]);
  return report;
}
