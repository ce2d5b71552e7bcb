/**
 * The baseline: a bare Fastify that checks the HMAC over the raw bytes, parses the JSON and adds one BullMQ job.
 * Arguments: URL of Redis, prefix. Prints its port.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Queue } from 'bullmq';
import fastify from 'fastify';
import { Redis } from 'ioredis';
import { SECRET } from './requests.ts';

const [redisUrl = '', prefix = ''] = process.argv.slice(2);
const connection = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
const queue = new Queue('bare', { connection, prefix });
const app = fastify({ logger: false, bodyLimit: 25 * 1024 * 1024 });

app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
);
app.post<{ Body: Buffer }>('/webhooks/github', async (request, reply) => {
  const expected = Buffer.from(`sha256=${createHmac('sha256', SECRET).update(request.body).digest('hex')}`);
  const given = Buffer.from(String(request.headers['x-hub-signature-256']));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return reply.code(401).send();
  const push: { ref: string; repository: { full_name: string } } = JSON.parse(request.body.toString());
  await queue.add('push', {
    id: request.headers['x-github-delivery'],
    repository: push.repository.full_name,
    ref: push.ref,
  });
  return reply.code(202).send({ ok: true });
});

const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${new URL(url).port}\n`);
process.once('SIGTERM', () => process.exit(0));
