import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export const SECRET = 'secret-of-the-benchmark';

/** Pushes are for this many repositories in turn, as in an organisation. */
const REPOSITORIES = 100;

interface PushExample {
  repository: { name: string; full_name: string };
}

/** GitHub's published example of a push. */
function example(): PushExample {
  const file = createRequire(import.meta.url).resolve('@octokit/webhooks-examples');
  const events: { name: string; examples: PushExample[] }[] = JSON.parse(readFileSync(file, 'utf8'));
  const push = events.find(({ name }) => name === 'push')?.examples.find((one) => 'head_commit' in one);
  if (!push) throw new Error('the examples contain no push');
  return push;
}

/** Requests in wire format: `head(id)` with a new delivery id for each request, then the body. */
export function signedPushes(host: string): { head: (id: string) => string; body: Buffer }[] {
  const push = example();
  return Array.from({ length: REPOSITORIES }, (_, at) => {
    const name = `app-${at}`;
    const repository = { ...push.repository, name, full_name: `acme/${name}` };
    const body = Buffer.from(JSON.stringify({ ...push, ref: 'refs/heads/main', repository }));
    const signature = createHmac('sha256', SECRET).update(body).digest('hex');
    const head = (id: string) =>
      [
        'POST /webhooks/github HTTP/1.1',
        `host: ${host}`,
        'user-agent: GitHub-Hookshot/benchmark',
        'content-type: application/json',
        `content-length: ${body.length}`,
        'x-github-event: push',
        `x-github-delivery: ${id}`,
        `x-hub-signature-256: sha256=${signature}`,
        '\r\n',
      ].join('\r\n');
    return { head, body };
  });
}
