import type { ApiStatus } from '../client/api-error.ts';
import type { Explanation, RefusedRequest } from './explanation.ts';
import { missingKindOf } from './missing-kind.ts';

type Rule = (message: string, request: RefusedRequest, status: ApiStatus) => Explanation | undefined;

/** Refusals that do not depend on the object's form: permissions, quotas, admission, missing namespaces and kinds. */
const rules: Rule[] = [
  missingNamespace,
  terminatingNamespace,
  quota,
  missingQuotaField,
  limitRange,
  podSecurity,
  admissionPolicy,
  admissionWebhook,
  webhookDown,
  conversionDown,
  goneVersion,
  brokenMutation,
  escalation,
  impersonation,
  accessControl,
  missingKind,
];

export function explainRefused(status: ApiStatus, request: RefusedRequest): Explanation | undefined {
  for (const rule of rules) {
    const found = rule(status.message, request, status);
    if (found) return found;
  }
  return undefined;
}

function missingNamespace(
  message: string,
  request: RefusedRequest,
  status: ApiStatus,
): Explanation | undefined {
  const name = /^namespaces "([^"]+)" not found/.exec(message)?.[1];
  if (status.code !== 404 || name === undefined || request.ref.kind === 'Namespace') return undefined;
  return {
    code: 'NAMESPACE_MISSING',
    what: `the namespace ${name} does not exist on cluster ${request.cluster}`,
    hint: `Create it, add it to the app, or set createNamespaces: true for it in server.yaml.`,
  };
}

function terminatingNamespace(message: string): Explanation | undefined {
  const name = /in namespace (\S+) because it is being terminated/.exec(message)?.[1];
  if (!name) return undefined;
  return {
    code: 'OBJECT_REFUSED',
    what: `the namespace ${name} is being deleted`,
    hint: `Wait until it is deleted, then retry the release. kubectl get namespace ${name} -o yaml shows what blocks the deletion.`,
  };
}

function quota(message: string): Explanation | undefined {
  const match = /exceeded quota: ([^,]+), (.*)$/s.exec(message);
  if (!match) return undefined;
  const [, name = '', numbers = ''] = match;
  return {
    code: 'OBJECT_REFUSED',
    what: `the ResourceQuota ${name} is used up (${numbers})`,
    hint: 'Request less, delete unused objects in the namespace, or raise the quota.',
  };
}

function missingQuotaField(message: string): Explanation | undefined {
  const match = /failed quota: ([^:]+): must specify (.*)$/s.exec(message);
  if (!match) return undefined;
  const [, name = '', fields = ''] = match;
  return {
    code: 'OBJECT_REFUSED',
    what: `the ResourceQuota ${name} requires ${fields}`,
    hint: 'Set them under resources of the named containers, or add a LimitRange with defaults.',
  };
}

/** The message of plugin/pkg/admission/limitranger does not name the LimitRange. */
function limitRange(message: string, { ref }: RefusedRequest): Explanation | undefined {
  if (!/(minimum|maximum) \S+ usage per |max limit to request ratio per /.test(message)) return undefined;
  const reason = message.replace(/^.*? is forbidden: /s, '').replace(/^\[(.*)\]$/s, '$1');
  return {
    code: 'OBJECT_REFUSED',
    what: `a LimitRange of the namespace refuses it: ${reason}`,
    hint: `Stay within the limits: kubectl get limitranges -n ${ref.namespace ?? ''} -o yaml shows them.`,
  };
}

function podSecurity(message: string): Explanation | undefined {
  const match = /violates PodSecurity "([^"]+)": (.*)$/s.exec(message);
  if (!match) return undefined;
  const [, level = '', reasons = ''] = match;
  return {
    code: 'OBJECT_REFUSED',
    what: `the namespace's Pod Security level ${level} refuses it: ${reasons}`,
    hint: 'Set the named securityContext fields.',
  };
}

function admissionPolicy(message: string): Explanation | undefined {
  const match = /ValidatingAdmissionPolicy '([^']+)' with binding '([^']+)' denied request: (.*)$/s.exec(
    message,
  );
  if (!match) return undefined;
  const [, policy = '', binding = '', reason = ''] = match;
  return {
    code: 'OBJECT_REFUSED',
    what: `the ValidatingAdmissionPolicy ${policy} (binding ${binding}) refused it: ${reason}`,
    hint: 'Change the object so that it complies with the policy.',
  };
}

function admissionWebhook(message: string): Explanation | undefined {
  const match = /admission webhook "([^"]+)" denied the request(?:: (.*)| without explanation)/s.exec(
    message,
  );
  if (!match) return undefined;
  const [, webhook = '', reason = 'it gave no reason'] = match;
  return {
    code: 'OBJECT_REFUSED',
    what: `the admission webhook ${webhook} refused it: ${reason}`,
    hint: 'Change the object so that it complies, or ask the owner of the webhook.',
  };
}

function webhookDown(message: string): Explanation | undefined {
  const match = /failed calling webhook "([^"]+)": (.*)$/s.exec(message);
  if (!match) return undefined;
  const [, webhook = '', reason = ''] = match;
  return {
    code: 'CLUSTER_BUSY',
    what: `the admission webhook ${webhook} did not respond: ${reason}`,
    hint: 'Check that the pods that serve the webhook are running.',
  };
}

function conversionDown(message: string): Explanation | undefined {
  const match = /conversion webhook for (.+?) failed: (.*)$/s.exec(message);
  if (!match) return undefined;
  const [, kind = '', reason = ''] = match;
  return {
    code: 'CLUSTER_BUSY',
    what: `the conversion webhook of ${kind} did not convert it: ${reason}`,
    hint: 'Check that the pods that serve the webhook are running.',
  };
}

/** The objects of a version have to be written in another one before it may be removed from their definition. */
function goneVersion(message: string): Explanation | undefined {
  const version = /request to convert CR (?:to|from) an invalid group\/version: (\S+)/.exec(message)?.[1];
  if (!version) return undefined;
  return {
    code: 'OBJECT_REFUSED',
    what: `it is stored as ${version}, which its CustomResourceDefinition no longer has`,
    hint: 'Add the version to the definition again, or delete the object. Migrate stored objects before you remove a version.',
  };
}

/** A mutating webhook responded with a JSON patch that does not fit (apiserver, admission/plugin/webhook/mutating). */
function brokenMutation(message: string): Explanation | undefined {
  if (
    !/^Internal error occurred: .*\b(add|remove|replace|copy|move|test|testing) (operation|value \S+ failed|path)/.test(
      message,
    )
  ) {
    return undefined;
  }
  return {
    code: 'OBJECT_REFUSED',
    what: `a mutating webhook responded with a change that does not fit it: ${message.replace(/^Internal error occurred: /, '')}`,
    hint: 'Ask the owner of the webhook: kubectl get mutatingwebhookconfigurations lists them.',
  };
}

/** RBAC's escalation check: an account may grant only rights that it has itself. */
function escalation(message: string, request: RefusedRequest): Explanation | undefined {
  if (!message.includes('is attempting to grant RBAC permissions not currently held')) return undefined;
  return {
    code: 'CLUSTER_FORBIDDEN',
    what: `${accountOf(request)} may not grant rights that it does not have itself`,
    hint: `Give the account these rights, or the verbs escalate and bind: ${message.split(':\n').slice(1).join(' ').trim()}`,
  };
}

/** Kubernetes 1.37 may report the verb as `impersonate:serviceaccount`, a right that few clusters grant. */
function impersonation(message: string, { account }: RefusedRequest): Explanation | undefined {
  const user = /User "([^"]*)" cannot impersonate\S* resource/.exec(message)?.[1];
  if (user === undefined || account === undefined) return undefined;
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(account) ?? [];
  const role = namespace === undefined ? 'a ClusterRole' : `a Role in namespace ${namespace}`;
  const resource = namespace === undefined ? 'users' : 'serviceaccounts';
  return {
    code: 'CLUSTER_FORBIDDEN',
    what: `the account ${user} may not act as ${account}`,
    hint: `Bind ${role} to ${user} with apiGroups: [""], resources: ["${resource}"], resourceNames: ["${name ?? account}"], verbs: ["impersonate"].`,
  };
}

function accessControl(
  message: string,
  _request: RefusedRequest,
  status: ApiStatus,
): Explanation | undefined {
  if (status.code !== 403) return undefined;
  const match =
    /User "([^"]*)" cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/.exec(
      message,
    );
  if (!match) {
    const reason = message.replace(/^.*? is forbidden: /s, '');
    return { code: 'OBJECT_REFUSED', what: `the API server refused it: ${reason}` };
  }
  const [, user = '', verb = '', resource = '', group = '', namespace] = match;
  const where = namespace ? `in namespace ${namespace}` : 'for the whole cluster';
  return {
    code: 'CLUSTER_FORBIDDEN',
    what: `the account ${user} may not ${verb} ${resource}${group ? `.${group}` : ''} ${where}`,
    hint: rightHint(user, { verb, resource, group, namespace }),
  };
}

interface Right {
  verb: string;
  resource: string;
  group: string;
  namespace: string | undefined;
}

function rightHint(user: string, { verb, resource, group, namespace }: Right): string {
  const role = namespace ? `a Role in namespace ${namespace}` : 'a ClusterRole';
  // Server-side apply also needs create if the object is new, and get to show the changes.
  const verbs = verb === 'patch' ? '["get","list","create","patch"]' : `["${verb}"]`;
  return `Bind ${role} to ${user} with apiGroups: ["${group}"], resources: ["${resource}"], verbs: ${verbs}.`;
}

function accountOf(request: RefusedRequest): string {
  return request.account ? `the account ${request.account}` : "Slipway's account";
}

function missingKind(_message: string, request: RefusedRequest, status: ApiStatus): Explanation | undefined {
  if (status.code !== 404 || request.verb !== 'patch') return undefined;
  return missingKindOf(request.ref, request.cluster);
}
