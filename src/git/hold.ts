import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/** Whether a process that is kept for later, and its pipes, count as work that keeps this one alive. */
export function hold(child: ChildProcess, on: boolean): void {
  const pipes = [child.stdin, child.stdout].filter((pipe) => pipe instanceof Socket);
  for (const part of [child, ...pipes]) {
    if (on) part.ref();
    else part.unref();
  }
}
