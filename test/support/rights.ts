import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import type { SlipwayOptions } from '../../sandbox/slipway/start-slipway.ts';
import type { KubeObject } from '../../src/model/object.ts';
import { getObject } from './cluster.ts';
import { kubectl } from './kubectl.ts';
import { uniqueNamespace } from './sandbox.ts';
import { eventually } from './slipway.ts';

/** The two accounts of docs/rbac.yaml with their rights, in namespaces of one test. */
export interface DocumentedRights {
  /** Namespace of Slipway's own account and its records. */
  own: string;
  /** The project's namespace, with the account `deployer`. */
  loans: string;
  /** The cluster-scoped objects of docs/rbac.yaml, by their names there. */
  clusterWide: string[];
  /** Of a Slipway whose only project has these rights. */
  options: Pick<SlipwayOptions, 'kubeconfig' | 'projects' | 'stateNamespace'>;
  remove(): Promise<void>;
}

/** Applies docs/rbac.yaml as it is, apart from its names. */
export async function documentedRights(): Promise<DocumentedRights> {
  const own = uniqueNamespace('slipway');
  const loans = uniqueNamespace('loans');
  const clusterWide = await applyRights(own, loans);
  const dir = await mkdtemp(join(tmpdir(), 'slipway-rights-'));
  const kubeconfig = await accountKubeconfig(own, join(dir, 'kubeconfig.yaml'));
  const impersonate = `system:serviceaccount:${loans}:deployer`;
  const rule = { branches: ['main'], namespaces: [loans], impersonate };
  const projects = { loans: { repositories: ['github/acme/*'], clusters: { prod: rule } } };
  return {
    own,
    loans,
    clusterWide,
    options: { kubeconfig, projects, stateNamespace: own },
    async remove() {
      await rm(dir, { recursive: true });
      for (const kind of ['clusterrolebinding', 'clusterrole']) {
        await kubectl(['delete', kind, '-l', `slipway-test=${own}`]);
      }
    },
  };
}

/** Applies docs/rbac.yaml under names of this test alone; returns the names of its cluster-scoped objects. */
async function applyRights(own: string, loans: string): Promise<string[]> {
  const text = await readFile(new URL('../../docs/rbac.yaml', import.meta.url), 'utf8');
  const names: string[] = [];
  const objects = parseAllDocuments(text.replaceAll(/\bloans\b/g, loans)).map((document) => {
    const object = document.toJS() as KubeObject & {
      roleRef?: { name: string };
      subjects?: { namespace: string }[];
    };
    const { metadata, roleRef, subjects, kind } = object;
    if (metadata.namespace === 'slipway') metadata.namespace = own;
    if (kind === 'Namespace' && metadata.name === 'slipway') metadata.name = own;
    for (const subject of subjects ?? []) if (subject.namespace === 'slipway') subject.namespace = own;
    if (!kind.startsWith('Cluster')) return object;
    names.push(metadata.name ?? '');
    if (roleRef?.name === 'slipway-reads') roleRef.name += `-${own}`;
    metadata.name += `-${own}`;
    metadata.labels = { 'slipway-test': own };
    return object;
  });
  await kubectl(['apply', '-f', '-'], objects.map((object) => stringify(object)).join('---\n'));
  return names;
}

/** The administrator's kubeconfig with the token of Slipway's own account in place of the administrator's. */
async function accountKubeconfig(own: string, file: string): Promise<string> {
  const token = await eventually('the token', async () => {
    const secret = await getObject('secret', own, 'slipway-token');
    const data = secret?.data as { token?: string } | undefined;
    return data?.token && Buffer.from(data.token, 'base64').toString();
  });
  const admin = parse(await kubectl(['config', 'view', '--raw', '--minify']));
  admin.users = admin.users.map(({ name }: { name: string }) => ({ name, user: { token } }));
  await writeFile(file, stringify(admin), { mode: 0o600 });
  return file;
}
