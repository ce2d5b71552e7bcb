import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the kernel's ephemeral range, where a port that is free now could become some connection's source port. */
const FIRST = 20_000;
const LAST = 31_999;

/**
 * Finds free ports on the loopback interface. Other processes that use this function do not get the same ports as long as
 * this process lives, because the program that is to listen there may start slowly.
 * @throws Error if 100 tries found too few.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; tries < 100 && found.size < count; tries += 1) {
    const port = randomInt(FIRST, LAST);
    if ((await reserve(port)) && (await isFree(port))) found.add(port);
  }
  if (found.size < count) throw new Error(`no ${count} free ports between ${FIRST} and ${LAST}`);
  return [...found];
}

/** Finds one such port. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no free port');
  return port;
}

/** A name in Linux's abstract namespace (unix(7)): the kernel releases it with its process. */
async function reserve(port: number): Promise<boolean> {
  const server = createServer().unref();
  server.listen({ path: `\0slipway-port-${port}` });
  return once(server, 'listening').then(
    () => true,
    () => false,
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const opened = once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.listen(port, '127.0.0.1');
  if (!(await opened)) return false;
  server.close();
  await once(server, 'close');
  return true;
}
