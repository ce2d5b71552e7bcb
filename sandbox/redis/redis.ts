import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Child, startChild } from '../child.ts';
import { freePort } from '../ports.ts';
import { until } from '../until.ts';
import { findRedisServer } from './find-redis-server.ts';

export interface RedisServer {
  readonly url: string;
  /** SIGTERM (the default) lets it write everything; SIGKILL is a crash. Its data is kept. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>;
}

export interface RedisOptions {
  /** Folder for its data and log. */
  dir: string;
  log: (line: string) => void;
}

/**
 * Starts a redis-server on a free port, with the append-only file on.
 * @throws Error if there is no redis-server, or if it does not respond.
 */
export async function startRedis({ dir, log }: RedisOptions): Promise<RedisServer> {
  const program = await findRedisServer(log);
  const port = await freePort();
  const dataDir = join(dir, 'redis');
  await mkdir(dataDir, { recursive: true });
  const start = async (): Promise<Child> => {
    const child = startChild({
      name: 'redis',
      program,
      args: redisArguments(port, dataDir),
      logFile: join(dataDir, 'redis.log'),
    });
    await until(() => answersPing(port), {
      what: 'Redis to respond',
      children: [child],
      everyMs: 5,
    });
    return child;
  };
  let child = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: (signal) => child.stop(signal),
    start: async () => {
      await child.stop();
      child = await start();
    },
  };
}

function redisArguments(port: number, dataDir: string): string[] {
  const settings = { bind: '127.0.0.1', port: String(port), dir: dataDir, appendonly: 'yes', save: '' };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/** An inline command of the Redis protocol: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
async function answersPing(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  socket.on('connect', () => socket.write('PING\r\n'));
  try {
    const [response] = await once(socket, 'data');
    return String(response).startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
