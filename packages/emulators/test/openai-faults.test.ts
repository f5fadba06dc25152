import { describe, expect, it } from 'vitest';
import { emulator, generate, useOpenAIEmulator } from './support/openai-caller.ts';

useOpenAIEmulator();

describe('faults', () => {
  it.each([
    [{ kind: 'empty-list' }, (text: string) => JSON.parse(text).data.length === 0, 1],
    [{ kind: 'empty-body' }, (text: string) => text === '', 1],
    [{ kind: 'error-in-success', code: 'server_error' }, (text: string) => 'error' in JSON.parse(text), 0],
    [{ kind: 'wrong-content' }, (text: string) => text.includes('<html>'), 0],
    [{ kind: 'not-an-image' }, (text: string) => JSON.parse(text).data[0].b64_json.length < 100, 1],
  ] as const)('%j', async (fault, isRight, billed) => {
    emulator.setFaults([fault]);
    const { status, text } = await generate({});
    expect(status).toBe(200);
    expect(isRight(text)).toBe(true);
    expect(emulator.ledger).toMatchObject({ billed, faults: { [fault.kind]: 1 } });
  });

  it('resets before and after the work', async () => {
    emulator.setFaults([
      { operation: 'generate', script: [{ kind: 'reset-before-accept' }, { kind: 'reset-after-accept' }] },
    ]);
    await expect(generate({})).rejects.toThrow();
    expect(emulator.ledger.billed).toBe(0);
    await expect(generate({})).rejects.toThrow();
    expect(emulator.ledger).toMatchObject({ billed: 1, delivered: 0 });
  });

  it('ends streams without their last event, with an error, or not at all', async () => {
    emulator.setFaults([
      {
        operation: 'generate',
        script: [{ kind: 'no-completed-event' }, { kind: 'error-event' }, { kind: 'json-instead-of-stream' }],
      },
    ]);
    const body = { stream: true, partial_images: 1 };
    expect((await generate(body)).text).not.toContain('completed');
    expect((await generate(body)).text).toContain('event: error');
    expect((await generate(body)).json.data).toHaveLength(1);
  });

  it('can be set over HTTP, and unknown ones are refused', async () => {
    const control = (body: object): Promise<Response> =>
      fetch(`${emulator.url}/__control`, { method: 'POST', body: JSON.stringify(body) });
    expect((await control({ faults: [{ kind: 'refuse', code: 'slow_down' }], settings: { imageMs: 0 } })).status).toBe(
      200,
    );
    expect(await generate({})).toMatchObject({ status: 429, json: { error: { code: 'slow_down' } } });
    expect((await control({ faults: [{ kind: 'nonsense' }] })).status).toBe(400);
    expect((await control({ settings: { nonsense: 1 } })).status).toBe(400);
    const ledger = (await (await fetch(`${emulator.url}/__ledger`)).json()) as { refusalsByCode: object };
    expect(ledger.refusalsByCode).toEqual({ slow_down: 1 });
  });
});
