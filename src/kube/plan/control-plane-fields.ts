import { annotationOf } from '../../model/annotation.ts';
import { type FieldPath, parseFieldPath, replaceAt } from '../../model/field-path.ts';
import { objectOf } from '../../model/json.ts';
import { groupKind, type KubeObject, refOf } from '../../model/object.ts';

/**
 * Fields that a controller fills in because of what the object itself says. A file has a value of them if somebody
 * exported the object: it would overwrite the controller's, or make it believe what is not so.
 * https://kubernetes.io/docs/reference/labels-annotations-taints/
 */
interface Filled {
  /** `Kind.group` */
  kinds: string[];
  /** Whether the object asks for it. */
  when: (object: KubeObject) => boolean;
  paths: FieldPath[];
}

const webhooks = [
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
  'MutatingWebhookConfiguration.admissionregistration.k8s.io',
];

const table: Filled[] = [
  {
    // https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
    kinds: ['ClusterRole.rbac.authorization.k8s.io'],
    when: ({ aggregationRule }) => Object.keys(objectOf(aggregationRule)).length > 0,
    paths: pathsOf('rules'),
  },
  {
    kinds: ['Deployment.apps'],
    when: () => true,
    paths: annotations('deployment.kubernetes.io/revision'),
  },
  {
    // A claim that says it was bound, to a volume that is not there, is lost for good.
    kinds: ['PersistentVolumeClaim'],
    when: () => true,
    paths: annotations(
      'pv.kubernetes.io/bind-completed',
      'pv.kubernetes.io/bound-by-controller',
      'volume.kubernetes.io/selected-node',
      'volume.kubernetes.io/storage-provisioner',
      'volume.beta.kubernetes.io/storage-provisioner',
    ),
  },
  {
    // A volume reserved for a claim by name waits for it; with the uid of another claim it is released for good.
    // https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reserving-a-persistentvolume
    kinds: ['PersistentVolume'],
    when: () => true,
    paths: [
      ...annotations('pv.kubernetes.io/bound-by-controller'),
      ...pathsOf('spec.claimRef.uid', 'spec.claimRef.resourceVersion'),
    ],
  },
  {
    // The API server writes the Job's own uid: https://kubernetes.io/docs/concepts/workloads/controllers/job/#specifying-your-own-pod-selector
    kinds: ['Job.batch'],
    when: ({ spec }) => objectOf(spec).manualSelector !== true,
    paths: ['controller-uid', 'batch.kubernetes.io/controller-uid'].flatMap((label) =>
      pathsOf(`spec.selector.matchLabels[${label}]`, `spec.template.metadata.labels[${label}]`),
    ),
  },
  {
    // The token controller deletes a Secret that names another uid of the account.
    // https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets
    kinds: ['Secret'],
    when: ({ type }) => type === 'kubernetes.io/service-account-token',
    paths: [
      ...annotations('kubernetes.io/service-account.uid'),
      ...pathsOf('data.token', 'data.namespace', 'data[ca.crt]'),
    ],
  },
  { kinds: webhooks, when: isInjected, paths: pathsOf('webhooks[*].clientConfig.caBundle') },
  {
    kinds: ['CustomResourceDefinition.apiextensions.k8s.io'],
    when: isInjected,
    paths: pathsOf('spec.conversion.webhook.clientConfig.caBundle'),
  },
  { kinds: ['APIService.apiregistration.k8s.io'], when: isInjected, paths: pathsOf('spec.caBundle') },
];

/** The paths of the fields of this object that a controller fills in. */
export function controlPlaneFields(object: KubeObject): FieldPath[] {
  const kind = groupKind(refOf(object));
  return table.flatMap(({ kinds, when, paths }) => (kinds.includes(kind) && when(object) ? paths : []));
}

/** The object without these fields. */
export function withoutFields(object: KubeObject, paths: FieldPath[]): KubeObject {
  const replacing = { replace: () => undefined };
  // None of them identifies the object, so the result is an object still.
  return paths.reduce((left, path) => replaceAt(left, path, replacing) as KubeObject, object);
}

/**
 * Whether cert-manager's or OpenShift's CA injector writes the bundle:
 * https://cert-manager.io/docs/concepts/ca-injector/,
 * https://docs.openshift.com/container-platform/latest/security/certificates/service-serving-certificate.html
 */
function isInjected(object: KubeObject): boolean {
  const names = ['inject-ca-from', 'inject-ca-from-secret', 'inject-apiserver-ca'];
  return (
    names.some((name) => annotationOf(object, `cert-manager.io/${name}`) !== undefined) ||
    annotationOf(object, 'service.beta.openshift.io/inject-cabundle') === 'true'
  );
}

function annotations(...names: string[]): FieldPath[] {
  return pathsOf(...names.map((name) => `metadata.annotations[${name}]`));
}

function pathsOf(...texts: string[]): FieldPath[] {
  return texts.map(parseFieldPath).filter((path) => typeof path !== 'string');
}
