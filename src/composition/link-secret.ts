import { createHmac } from 'node:crypto';
import type { ServerConfig } from '../config/server-config.ts';
import type { LinkSettings } from '../server/links.ts';

/**
 * Signs the addresses of release pages. Without a `linkSecret` of its own it is derived from the first webhook
 * secret: every process comes to the same one, and links outlive Redis.
 */
export function linkSettings(config: ServerConfig): LinkSettings {
  const derived = () => {
    const [first = ''] = Object.values(config.forges).flatMap(({ webhookSecrets }) => webhookSecrets);
    return createHmac('sha256', first).update('slipway release links').digest('hex');
  };
  return { publicUrl: config.publicUrl, secret: config.linkSecret ?? derived() };
}
