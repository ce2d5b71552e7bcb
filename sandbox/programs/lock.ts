import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

type Say = (line: string) => void;

/**
 * Runs `work` in one process at a time for a cache folder. The others wait, and repeat the progress of the first one.
 *
 * The lock is a listening socket in Linux's abstract namespace (unix(7)): the kernel releases it when its process
 * ends, however it ends, so a lock is never stale.
 */
export async function withLock<T>(folder: string, say: Say, work: (say: Say) => Promise<T>): Promise<T> {
  const path = `\0slipway-${createHash('sha256').update(folder).digest('hex').slice(0, 24)}`;
  const audience = new Set<Socket>();
  const server = await listenWhenFree(path, audience, say);
  let last = '';
  server.on('connection', (socket) => socket.write(last));
  try {
    return await work((line) => {
      last = `${line}\n`;
      for (const socket of audience) socket.write(last);
      say(line);
    });
  } finally {
    server.close();
    for (const socket of audience) socket.destroy();
  }
}

async function listenWhenFree(path: string, audience: Set<Socket>, say: Say): Promise<Server> {
  for (let waited = false; ; waited = true) {
    const server = await tryToListen(path, audience);
    if (server !== undefined) return server;
    if (!waited)
      say(
        'another process is getting the programs of the sandbox; waiting for it, and this is what it says:',
      );
    await listenTo(path, say);
  }
}

async function tryToListen(path: string, audience: Set<Socket>): Promise<Server | undefined> {
  const server = createServer((socket) => {
    audience.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => audience.delete(socket));
  });
  server.listen({ path });
  return once(server, 'listening').then(
    () => server,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') return undefined;
      throw error;
    },
  );
}

/** Repeats the lines of the process that holds the lock; returns when it has released the lock. */
async function listenTo(path: string, say: Say): Promise<void> {
  const socket = connect({ path });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const lines = createInterface({ input: socket });
  // A holder that dies resets the connection; both report it, and `close` follows.
  for (const emitter of [socket, lines]) emitter.on('error', () => socket.destroy());
  lines.on('line', (line) => line !== '' && say(line));
  await closed;
}
