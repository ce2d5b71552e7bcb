import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { clientCertificate, type KeyPair } from '../../sandbox/kubernetes/certificates.ts';
import { pathsIn } from '../../sandbox/kubernetes/paths.ts';
import { sandbox } from './sandbox.ts';

/** A certificate that the sandbox's API server accepts for this user (`O=` names groups) for `lifeMs` milliseconds. */
export async function certificateOf(subject: string, lifeMs = 3_600_000): Promise<KeyPair> {
  const paths = pathsIn(dirname(sandbox().kubeconfig));
  const [certificate, key] = await Promise.all([
    readFile(paths.authority, 'utf8'),
    readFile(paths.authorityKey, 'utf8'),
  ]);
  return clientCertificate({ certificate, key }, subject, lifeMs);
}

/** Path of the certificate of the authority that signs the API server's. */
export function authorityFile(): string {
  return pathsIn(dirname(sandbox().kubeconfig)).authority;
}
