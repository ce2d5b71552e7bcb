import { createHmac } from 'node:crypto';
import type { ServerConfig } from '../config/server-config.ts';
import type { LinkSettings } from '../server/links.ts';

/**
 * The key that signs the addresses of release pages. Without a `linkSecret` it is derived from the first webhook secret,
 * so that every process has the same key and links survive a loss of Redis.
 */
export function linkSettings(config: ServerConfig): LinkSettings {
  const derived = () => {
    const [first = ''] = Object.values(config.forges).flatMap(({ webhookSecrets }) => webhookSecrets);
    return createHmac('sha256', first).update('slipway release links').digest('hex');
  };
  return { publicUrl: config.publicUrl, secret: config.linkSecret ?? derived() };
}
