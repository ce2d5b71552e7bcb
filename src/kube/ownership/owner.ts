import { isObject, listOf, objectOf, textOf } from '../../model/json.ts';
import { groupOf, type JsonObject, type KubeObject } from '../../model/object.ts';
import { partOfLabel } from '../inventory/applyset.ts';
import { isMember } from '../live/live.ts';
import { managerEntries, ownEntry } from '../managed-fields.ts';

/** Who else deploys an object, by its own metadata. */
export interface Owner {
  /** In words: `Helm release loans/web`. */
  name: string;
  /** The label, annotation or field manager that shows it. */
  evidence: { in: 'labels' | 'annotations' | 'managers'; key: string };
  /** Id of the ApplySet whose label it has. */
  setId?: string | undefined;
}

type Rule = (found: { labels: JsonObject; annotations: JsonObject; object: KubeObject }) => Owner | undefined;

/** What each tool writes on everything it deploys. Labels that charts and people set too (managed-by) prove nothing. */
const rules: Rule[] = [
  helmRelease,
  argoApplication,
  argoApplicationByLabel,
  fluxKustomization,
  fluxHelmRelease,
  kappApp,
  inventory,
  applySet,
];

/** Who else deploys this live object; undefined: nobody, or the set `setId` itself. */
export function ownerOf(object: KubeObject, setId: string): Owner | undefined {
  if (isMember(object, setId) && ownEntry(object)) return undefined;
  const labels = objectOf(object.metadata.labels);
  const annotations = objectOf(object.metadata.annotations);
  for (const rule of rules) {
    const owner = rule({ labels, annotations, object });
    // Controllers copy labels to what they create: such an object belongs to another object, not to a tool.
    const copied = owner?.evidence.in === 'labels' && isObject(listOf(object.metadata.ownerReferences)[0]);
    if (owner && !copied && owner.setId !== setId) return owner;
  }
  return undefined;
}

/** https://github.com/helm/helm/blob/main/pkg/action/validate.go: what Helm itself checks before it adopts. */
function helmRelease({ annotations }: Parameters<Rule>[0]): Owner | undefined {
  const key = 'meta.helm.sh/release-name';
  const name = qualified(annotations['meta.helm.sh/release-namespace'], annotations[key]);
  return name === undefined
    ? undefined
    : { name: `Helm release ${name}`, evidence: { in: 'annotations', key } };
}

/** `<application>:<group>/<kind>:<namespace>/<name>`; as Argo CD does, a copy on another object does not count. */
function argoApplication({ annotations, object }: Parameters<Rule>[0]): Owner | undefined {
  const key = 'argocd.argoproj.io/tracking-id';
  const match = /^([^:]+):([^/]*)\/([^:]+):([^/]*)\/(.+)$/.exec(textOf(annotations[key]));
  if (!match) return undefined;
  const [, application = '', group, kind, , name] = match;
  if (group !== groupOf(object.apiVersion) || kind !== object.kind || name !== object.metadata.name) {
    return undefined;
  }
  return { name: `Argo CD application ${application}`, evidence: { in: 'annotations', key } };
}

/** The field managers of Argo CD's controller: since 2.4, and before. */
const argoManagers = ['argocd-controller', 'argocd-application-controller'];

/**
 * Tracked by label (argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking), an object has no annotation, and the
 * label stands in rendered charts too: what only Argo CD leaves is its field manager.
 */
function argoApplicationByLabel({ labels, object }: Parameters<Rule>[0]): Owner | undefined {
  const found = managerEntries(object).find(
    ({ manager, subresource }) => subresource === '' && argoManagers.includes(manager),
  );
  if (!found) return undefined;
  const label = ['argocd.argoproj.io/instance', 'app.kubernetes.io/instance'].find((key) => key in labels);
  const name =
    label === undefined ? 'an Argo CD application' : `Argo CD application ${textOf(labels[label])}`;
  return { name, evidence: { in: 'managers', key: found.manager } };
}

function fluxKustomization({ labels }: Parameters<Rule>[0]): Owner | undefined {
  const key = 'kustomize.toolkit.fluxcd.io/name';
  const name = qualified(labels['kustomize.toolkit.fluxcd.io/namespace'], labels[key]);
  return name === undefined
    ? undefined
    : { name: `Flux Kustomization ${name}`, evidence: { in: 'labels', key } };
}

function fluxHelmRelease({ labels }: Parameters<Rule>[0]): Owner | undefined {
  const key = 'helm.toolkit.fluxcd.io/name';
  const name = qualified(labels['helm.toolkit.fluxcd.io/namespace'], labels[key]);
  return name === undefined
    ? undefined
    : { name: `Flux HelmRelease ${name}`, evidence: { in: 'labels', key } };
}

/** `v1;<namespace>/<group>/<kind>/<name>;<apiVersion>`; as kapp does, a copy on another object does not count. */
function kappApp({ labels, annotations, object }: Parameters<Rule>[0]): Owner | undefined {
  const key = 'kapp.k14s.io/identity';
  const { apiVersion, kind, metadata } = object;
  const identity = `${metadata.namespace ?? ''}/${groupOf(apiVersion)}/${kind}/${metadata.name}`;
  if (!textOf(annotations[key]).startsWith(`v1;${identity};`)) return undefined;
  const app = textOf(labels['kapp.k14s.io/app']);
  return { name: app === '' ? 'a kapp app' : `kapp app ${app}`, evidence: { in: 'annotations', key } };
}

/** The inventory of kpt and Config Sync: sigs.k8s.io/cli-utils, pkg/inventory/policy.go. */
function inventory({ annotations }: Parameters<Rule>[0]): Owner | undefined {
  const key = 'config.k8s.io/owning-inventory';
  const id = textOf(annotations[key]);
  return id === ''
    ? undefined
    : { name: `inventory ${id} of kpt or Config Sync`, evidence: { in: 'annotations', key } };
}

function applySet({ labels }: Parameters<Rule>[0]): Owner | undefined {
  const setId = textOf(labels[partOfLabel]);
  if (setId === '') return undefined;
  return { name: `ApplySet ${setId}`, evidence: { in: 'labels', key: partOfLabel }, setId };
}

function qualified(namespace: unknown, name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return undefined;
  return typeof namespace === 'string' && namespace !== '' ? `${namespace}/${name}` : name;
}
