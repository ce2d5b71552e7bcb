import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathsIn } from '../../sandbox/kubernetes/paths.ts';
import type { KubeClient } from '../../src/kube/client/client.ts';
import { sandbox } from './sandbox.ts';

/** The API server accepts a token for this long after its `exp`: the leeway of go-jose. */
const leewayMs = 60_000;

/**
 * A token of a service account that the API server stops accepting after `livesMs` milliseconds. The tokens that it issues
 * live for ten minutes at least, so one of them is signed again with the same key.
 */
export async function expiringToken(admin: KubeClient, account: string, livesMs: number): Promise<string> {
  const [namespace, name] = account.split('/');
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const response = await admin.request({ method: 'POST', path, body });
  const [head = '', claims = ''] = (response.body.status as { token: string }).token.split('.');
  const said: object = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const exp = Math.floor((Date.now() - leewayMs + livesMs) / 1_000);
  const begun = { iat: exp - 600, nbf: exp - 600 };
  const content = `${head}.${Buffer.from(JSON.stringify({ ...said, ...begun, exp })).toString('base64url')}`;
  const { tokenKey } = pathsIn(dirname(sandbox().kubeconfig));
  return `${content}.${signature(content, createPrivateKey(await readFile(tokenKey)))}`;
}

/** A signature for a JSON Web Signature: RFC 7518, sections 3.3 and 3.4. */
function signature(content: string, key: KeyObject): string {
  return sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
}
