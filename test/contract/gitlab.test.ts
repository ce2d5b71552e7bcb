import { describe, expect, test } from 'vitest';
import { forgeContract } from './forge.contract.ts';
import { openFixture } from './support/fixture.ts';
import { startReceiver } from './support/receiver.ts';

forgeContract('gitlab', {
  pending: 'pending',
  success: 'success',
  failure: 'failed',
  superseded: 'canceled',
  'superseded by a force push': 'canceled',
});

describe('the GitLab forge', () => {
  test('reads a webhook that is signed with a signing key, and only with that key', async () => {
    const signingKey = `whsec_${Buffer.from('twenty-four bytes of key').toString('base64')}`;
    const anotherKey = `whsec_${Buffer.from('four-and-twenty bytes...').toString('base64')}`;
    const fixture = openFixture('gitlab');
    const receiver = await startReceiver();
    const path = await fixture.repository();
    await fixture.client.addHook('gitlab', path, { url: receiver.url, signingKey, events: ['push'] });

    const { sha } = await fixture.client.commit('gitlab', path, 'main', { files: { a: '1' } });

    await fixture.client.quiet();
    await Promise.all([receiver.stop(), fixture.client.close()]);
    const [request] = receiver.received;
    if (!request) throw new Error('nothing arrived');
    const read = (webhookSecrets: string[]) => fixture.forgeWith({ webhookSecrets }).readWebhook(request);
    await expect(read([signingKey])).resolves.toMatchObject({ ref: 'refs/heads/main', commit: sha });
    await expect(read([anotherKey, 'a token'])).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });
});
