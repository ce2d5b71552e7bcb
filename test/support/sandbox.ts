import { randomBytes } from 'node:crypto';
import { CONNECTION_VARIABLE, type Connection, connectionSchema } from '../../sandbox/connection.ts';

/**
 * The sandbox that the test run started (test/run.ts), or that `npm run sandbox` started in another terminal.
 * @throws Error if there is none.
 */
export function sandbox(): Connection {
  const text = process.env[CONNECTION_VARIABLE];
  if (text === undefined) {
    throw new Error(
      'this test needs the sandbox: run it with `npm test -- <file>`, or set what `npm run sandbox` prints',
    );
  }
  return connectionSchema.parse(JSON.parse(text));
}

/** A namespace name of this test alone; the test creates it. */
export function uniqueNamespace(name = 'test'): string {
  return `${name}-${randomBytes(4).toString('hex')}`;
}

/** A Redis key prefix of this test alone, with the braces that keep its keys in one slot of a cluster. */
export function uniquePrefix(name = 'test'): string {
  return `{${name}-${randomBytes(4).toString('hex')}}`;
}
