import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RepositoryId } from '../model/target.ts';
import type { Projects } from '../ports/projects.ts';

export interface LinkSettings {
  /** `publicUrl` of server.yaml, without trailing slash. */
  publicUrl: string;
  /** Anybody who knows it can sign addresses of release pages. Throws REDIS_UNREACHABLE. */
  secret(): Promise<string>;
  projects: Pick<Projects, 'linksOf'>;
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

/** The address of a release's page, as commit statuses carry it. Undefined: its project has no links. */
export async function releaseUrl(
  links: LinkSettings,
  releaseId: string,
  repository: RepositoryId,
): Promise<string | undefined> {
  const mode = links.projects.linksOf(repository);
  if (mode === 'off') return undefined;
  const query = mode === 'login' ? 'login' : `sig=${signLink(await links.secret(), releaseId)}`;
  return `${links.publicUrl}/releases/${encodeURIComponent(releaseId)}?${query}`;
}
