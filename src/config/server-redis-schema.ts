import { z } from 'zod';
import { fields, file, secret } from './values.ts';

const node = fields({
  host: z.string().min(1).describe('Address or name.'),
  port: z.int().min(1).max(65535).default(6379).describe('Port; sentinels usually listen on 26379.'),
});

const urlRule =
  'must be { env: NAME } or { file: PATH }, or a redis:// or rediss:// address without user name and password';

const openUrl = z
  .string()
  .regex(/^rediss?:\/\/[^\s@]+$/, { error: urlRule })
  .refine((text) => URL.canParse(text), { error: urlRule });

const url = z
  .union([openUrl, secret], { error: urlRule })
  .describe('Address of one Redis. With a password in it: { env: NAME } or { file: PATH }.');

export const redisSchema = fields({
  url: url.optional(),
  sentinels: z.array(node).min(1).optional().describe('Sentinels that know the primary called `name`.'),
  name: z.string().min(1).optional().describe('Name of the primary; goes with `sentinels`.'),
  sentinelPassword: secret.optional().describe('Password of the sentinels, if it is another one.'),
  cluster: z.array(node).min(1).optional().describe('Nodes of a Redis Cluster.'),
  username: z.string().min(1).optional().describe('User of Redis’ access lists.'),
  password: secret.optional().describe('Password, if it is not part of the address.'),
  tls: z
    .union([z.boolean(), fields({ ca: file.optional(), cert: file.optional(), key: file.optional() })], {
      error: 'must be true, or { ca, cert, key } with { file: PATH } each',
    })
    .optional()
    .describe('TLS with the machine’s certificate authorities (true) or with these files.'),
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
