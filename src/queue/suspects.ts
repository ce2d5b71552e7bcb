import type { Cluster, Redis } from 'ioredis';

/** A job that had begun in a process that then died, and that has not proved since that it did not cause this. */
export interface Suspect {
  queue: string;
  name: string;
  /** Processes that died in a row while they ran it. */
  deaths: number;
  /** What it worked on when it last began: a new push deserves a run of its own. */
  work: string;
  /** When it was written: when it last began. Milliseconds since the epoch. */
  at: number;
  /** Not run any more, since `at`. */
  quarantined: boolean;
}

export interface Suspects {
  all(): Promise<Suspect[]>;
  find(queue: string, name: string): Promise<Suspect | undefined>;
  write(suspect: Omit<Suspect, 'at'>): Promise<void>;
  forget(queue: string, name: string): Promise<void>;
}

/** Milliseconds after which a suspect that never began again is forgotten: nothing enqueues its job any more. */
const KEEP_MS = 30 * 24 * 3600 * 1_000;

/** One hash in Redis. It is empty unless a worker has died, so reading all of it costs nothing. */
export function createSuspects(redis: Redis | Cluster, prefix: string): Suspects {
  const key = `${prefix}:suspects`;

  async function all(): Promise<Suspect[]> {
    const stored = Object.values(await redis.hgetall(key)).map(parse);
    const old = stored.filter(({ at }) => at < Date.now() - KEEP_MS);
    if (old.length > 0) await redis.hdel(key, ...old.map(({ queue, name }) => fieldOf(queue, name)));
    return stored.filter((suspect) => !old.includes(suspect));
  }

  async function find(queue: string, name: string): Promise<Suspect | undefined> {
    const stored = await redis.hget(key, fieldOf(queue, name));
    return stored === null ? undefined : parse(stored);
  }

  async function forget(queue: string, name: string): Promise<void> {
    await redis.hdel(key, fieldOf(queue, name));
  }

  return {
    all,
    find,
    forget,
    async write(suspect) {
      await redis.hset(
        key,
        fieldOf(suspect.queue, suspect.name),
        JSON.stringify({ ...suspect, at: Date.now() }),
      );
    },
  };
}

/** Also how processes name a suspect among themselves; a queue's name has no space. */
export function fieldOf(queue: string, name: string): string {
  return `${queue} ${name}`;
}

function parse(stored: string): Suspect {
  return JSON.parse(stored) as Suspect;
}
