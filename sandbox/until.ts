import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child.ts';

/**
 * How long to wait for an expected event, in milliseconds. It is long because an overloaded machine is slow; only a
 * failure takes this long.
 */
export const PATIENCE_MS = 180_000;

export interface UntilOptions {
  /** The expected event, for the error: `the API server to be ready`. */
  what: string;
  /** Processes that the wait depends on: the end of one ends the wait. */
  children?: readonly Child[];
  everyMs?: number;
}

/**
 * Polls until the probe resolves to true.
 * @throws Error with the last output of a child that ended, or after the timeout.
 */
export async function until(probe: () => Promise<boolean>, options: UntilOptions): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await probe())) {
    for (const child of options.children ?? []) await failIfEnded(child, options.what);
    if (Date.now() > deadline) throw new Error(timeoutMessage(options));
    await sleep(options.everyMs ?? 20);
  }
}

async function failIfEnded(child: Child, what: string): Promise<void> {
  if (child.running()) return;
  throw new Error(
    `${child.name} ended (${await child.ended}) while waiting for ${what}:\n${child.lastOutput()}`,
  );
}

function timeoutMessage(options: UntilOptions): string {
  const words = (options.children ?? []).map((child) => `${child.name}:\n${child.lastOutput()}`);
  return [`waited ${PATIENCE_MS / 1000} s for ${options.what}`, ...words].join('\n');
}
