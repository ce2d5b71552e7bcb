import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child.ts';

/**
 * How long what must come is waited for, in milliseconds: a machine that has far too much to do takes its time. Only a
 * failure takes so long.
 */
export const PATIENCE_MS = 180_000;

export interface UntilOptions {
  /** What is waited for, for the error: `the API server to be ready`. */
  what: string;
  /** Processes that the wait depends on: the end of one ends the wait. */
  children?: readonly Child[];
  everyMs?: number;
}

/**
 * Asks again and again until the answer is yes.
 * @throws Error with the last words of a child that ended, or after the timeout.
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
