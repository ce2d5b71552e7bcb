import { annotationOf } from '../../model/annotation.ts';
import { type FieldPath, parseFieldPath, replaceAt } from '../../model/field-path.ts';
import { objectOf } from '../../model/json.ts';
import { groupKind, type KubeObject, refOf } from '../../model/object.ts';

/** Fields that a controller fills in because of what the object itself says. A file's value would empty them meanwhile. */
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
    // https://kubernetes.io/docs/reference/labels-annotations-taints/#deployment-kubernetes-io-revision
    kinds: ['Deployment.apps'],
    when: () => true,
    paths: pathsOf('metadata.annotations[deployment.kubernetes.io/revision]'),
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

function pathsOf(text: string): FieldPath[] {
  const path = parseFieldPath(text);
  return typeof path === 'string' ? [] : [path];
}
