import type { ApiStatus } from '../client/api-error.ts';
import type { Explanation, RefusalRule, RefusedRequest } from './explanation.ts';

/** Refusals because an account lacks a right. */
export const permissionRules: RefusalRule[] = [escalation, impersonation, accessControl];

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
