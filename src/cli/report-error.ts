import { styleText } from 'node:util';
import { toSlipwayError } from '../errors.ts';
import { describeFailure } from '../model/describe-failure.ts';

/** Reports the failure of a command: the error, the next step, exit code 1. */
export function reportError(thrown: unknown): void {
  const error = toSlipwayError(thrown);
  process.stderr.write(
    `${styleText('red', 'error:', { stream: process.stderr })} ${describeFailure(error.failure)}\n`,
  );
  if (error.code !== 'INTERNAL') process.stderr.write(`${error.hint}\n`);
  process.exitCode = 1;
}
