import { styleText } from 'node:util';
import { describeError, toSlipwayError } from '../errors.ts';

/** Reports the failure of a command: the error, the next step, exit code 1. */
export function reportError(thrown: unknown): void {
  const error = toSlipwayError(thrown);
  process.stderr.write(`${styleText('red', 'error:', { stream: process.stderr })} ${describeError(error)}\n`);
  if (error.code !== 'INTERNAL') process.stderr.write(`${error.hint}\n`);
  process.exitCode = 1;
}
