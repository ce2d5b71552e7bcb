import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/** Sets whether a pooled child process and its pipes keep this process alive. */
export function hold(child: ChildProcess, on: boolean): void {
  const pipes = [child.stdin, child.stdout].filter((pipe) => pipe instanceof Socket);
  for (const part of [child, ...pipes]) {
    if (on) part.ref();
    else part.unref();
  }
}
