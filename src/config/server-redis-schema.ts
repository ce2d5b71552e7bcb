import { z } from 'zod';
import { fields, file, secret } from './values.ts';

const node = fields({ host: z.string().min(1), port: z.int().min(1).max(65535).default(6379) });

const urlRule =
  'must be { env: NAME } or { file: PATH }, or a redis:// or rediss:// address without user name and password';

const url = z
  .union([z.string().refine(isOpenRedisUrl, { error: urlRule }), secret], { error: urlRule })
  .describe('Address of one Redis. With a password in it: { env: NAME } or { file: PATH }.');

function isOpenRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) return false;
  const parsed = new URL(text);
  return parsed.username === '' && parsed.password === '';
}

export const redisSchema = fields({
  url: url.optional(),
  sentinels: z.array(node).min(1).optional().describe('Sentinels that know the primary called `name`.'),
  name: z.string().min(1).optional().describe('Name of the primary; goes with `sentinels`.'),
  sentinelPassword: secret.optional(),
  cluster: z.array(node).min(1).optional().describe('Nodes of a Redis Cluster.'),
  username: z.string().min(1).optional(),
  password: secret.optional(),
  tls: z
    .union([z.boolean(), fields({ ca: file.optional(), cert: file.optional(), key: file.optional() })], {
      error: 'must be true, or { ca, cert, key } with { file: PATH } each',
    })
    .optional()
    .describe('TLS with the machine’s authorities (true) or with own files.'),
  prefix: z
    .string()
    .regex(/^\{[A-Za-z0-9._-]{1,64}\}$/, {
      error: 'must be a name in braces, such as "{slipway}": Redis Cluster keeps such keys together',
    })
    .default('{slipway}')
    .describe('First part of every key and queue.'),
})
  .refine((redis) => [redis.url, redis.sentinels, redis.cluster].filter(Boolean).length === 1, {
    error: 'needs exactly one of url, sentinels, cluster',
  })
  .refine((redis) => (redis.sentinels === undefined) === (redis.name === undefined), {
    error: 'sentinels and name go together',
  })
  .describe('The Redis that holds queues, desired states and history.');
export type RedisFile = z.output<typeof redisSchema>;
