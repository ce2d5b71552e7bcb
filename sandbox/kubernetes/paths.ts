import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Certificates } from './certificates.ts';

/** The files that the programs of a control plane share. */
export interface Paths {
  dir: string;
  kubeconfig: string;
  authority: string;
  authorityKey: string;
  serverCertificate: string;
  serverKey: string;
  tokenKey: string;
  tokenPublicKey: string;
}

export function pathsIn(dir: string): Paths {
  return {
    dir,
    kubeconfig: join(dir, 'kubeconfig'),
    authority: join(dir, 'pki', 'ca.crt'),
    authorityKey: join(dir, 'pki', 'ca.key'),
    serverCertificate: join(dir, 'pki', 'server.crt'),
    serverKey: join(dir, 'pki', 'server.key'),
    tokenKey: join(dir, 'pki', 'service-accounts.key'),
    tokenPublicKey: join(dir, 'pki', 'service-accounts.pub'),
  };
}

/** Writes certificates, keys and the administrator's kubeconfig, readable by this user alone. */
export async function writePaths(
  paths: Paths,
  certificates: Certificates,
  apiServerUrl: string,
): Promise<void> {
  await mkdir(join(paths.dir, 'pki'), { recursive: true });
  await chmod(paths.dir, 0o700);
  await Promise.all([
    writeFile(paths.authority, certificates.authority.certificate),
    writeFile(paths.authorityKey, certificates.authority.key, { mode: 0o600 }),
    writeFile(paths.serverCertificate, certificates.server.certificate),
    writeFile(paths.serverKey, certificates.server.key, { mode: 0o600 }),
    writeFile(paths.tokenKey, certificates.serviceAccounts.privateKey, { mode: 0o600 }),
    writeFile(paths.tokenPublicKey, certificates.serviceAccounts.publicKey),
    writeFile(paths.kubeconfig, stringify(kubeconfig(certificates, apiServerUrl)), { mode: 0o600 }),
  ]);
}

function kubeconfig({ authority, admin }: Certificates, server: string): object {
  const name = 'sandbox';
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(authority.certificate) } }],
    users: [
      {
        name: 'admin',
        user: {
          'client-certificate-data': base64(admin.certificate),
          'client-key-data': base64(admin.key),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: 'admin' } }],
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
