import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { toSlipwayError } from '../../../src/errors.ts';

test('an error of the file system is reported without a path of the server', async () => {
  const error = await readFile('/var/lib/slipway/secret-place').catch((thrown: unknown) => thrown);

  expect(toSlipwayError(error)).toMatchObject({
    code: 'INTERNAL',
    message: 'no such file or directory',
    cause: error,
  });
});

test('an unexpected error is cut where people see it, and kept whole as the cause', () => {
  const error = new Error('x'.repeat(1_000_000));

  expect(toSlipwayError(error).message.length).toBeLessThan(1_000);
  expect(toSlipwayError(error).cause).toBe(error);
});
