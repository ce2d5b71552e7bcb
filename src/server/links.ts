import { createHmac, timingSafeEqual } from 'node:crypto';

export interface LinkSettings {
  /** `publicUrl` of server.yaml, without trailing slash. */
  publicUrl: string;
  /** Anybody who knows it can sign addresses of release pages. */
  secret: string;
}

/** The part of a release page's address that nobody can guess: HMAC-SHA256 over the id, 43 characters. */
export function signLink(secret: string, releaseId: string): string {
  return createHmac('sha256', secret).update(`release:${releaseId}`).digest('base64url');
}

export function verifyLink(secret: string, releaseId: string, signature: string): boolean {
  const expected = Buffer.from(signLink(secret, releaseId));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The address of a release's page, as commit statuses carry it. */
export function releaseUrl({ publicUrl, secret }: LinkSettings, releaseId: string): string {
  return `${publicUrl}/releases/${encodeURIComponent(releaseId)}?sig=${signLink(secret, releaseId)}`;
}
