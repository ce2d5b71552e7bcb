import { describe, expect, it } from 'vitest';
import { createGate, createGates } from '../../../src/release/gate.ts';

const never = new AbortController().signal;
const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('the gate', () => {
  it('lets in as many as it has places, then the lowest order, then who came first', async () => {
    const gate = createGate(1);
    const leave = await gate.enter(0, never);
    const entered: string[] = [];
    for (const [name, order] of [
      ['large 1', 7],
      ['large 2', 7],
      ['small', 0],
    ] as const) {
      void gate.enter(order, never).then((leaveAgain) => {
        entered.push(name);
        leaveAgain();
      });
    }
    await soon();
    expect(entered).toEqual([]);
    leave();
    await soon();
    expect(entered).toEqual(['small', 'large 1', 'large 2']);
  });

  it('gives a place back once, however often it is left', async () => {
    const gate = createGate(1);
    const leave = await gate.enter(0, never);
    leave();
    leave();
    await gate.enter(0, never);
    let second = false;
    void gate.enter(0, never).then(() => {
      second = true;
    });
    await soon();
    expect(second).toBe(false);
  });

  it('lets nobody wait who no longer wants in', async () => {
    const gate = createGate(1);
    const leave = await gate.enter(0, never);
    const tired = new AbortController();
    const waiting = gate.enter(0, tired.signal);
    tired.abort(new Error('a newer commit has come'));
    await expect(waiting).rejects.toThrow('a newer commit has come');
    leave();
    await expect(gate.enter(1, never)).resolves.toBeTypeOf('function');
  });

  it('of one cluster is not in the way of another', async () => {
    const gateOf = createGates(() => 1);
    await gateOf('prod').enter(0, never);
    await expect(gateOf('staging').enter(0, never)).resolves.toBeTypeOf('function');
    expect(gateOf('prod')).toBe(gateOf('prod'));
  });
});
