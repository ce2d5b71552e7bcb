import { describe, expect, test } from 'vitest';
import { forgeContract } from './forge.contract.ts';
import { startReceiver } from './support/receiver.ts';
import { openWorld } from './support/world.ts';

forgeContract('gitlab', {
  pending: 'pending',
  success: 'success',
  failure: 'failed',
  superseded: 'canceled',
  'superseded by a force push': 'canceled',
});

describe('GitLab alone', () => {
  test('a webhook signed with a signing key is read, and only with that key', async () => {
    const signingKey = `whsec_${Buffer.from('twenty-four bytes of key').toString('base64')}`;
    const anotherKey = `whsec_${Buffer.from('four-and-twenty bytes...').toString('base64')}`;
    const world = openWorld('gitlab');
    const receiver = await startReceiver();
    const path = await world.repository();
    await world.client.addHook('gitlab', path, { url: receiver.url, signingKey, events: ['push'] });

    const { sha } = await world.client.commit('gitlab', path, 'main', { files: { a: '1' } });

    await world.client.quiet();
    await Promise.all([receiver.stop(), world.client.close()]);
    const [request] = receiver.received;
    if (!request) throw new Error('nothing arrived');
    const read = (webhookSecrets: string[]) => world.forgeWith({ webhookSecrets }).readWebhook(request);
    await expect(read([signingKey])).resolves.toMatchObject({ ref: 'refs/heads/main', commit: sha });
    await expect(read([anotherKey, 'a token'])).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });
});
