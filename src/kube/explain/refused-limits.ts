import type { Explanation, RefusalRule, RefusedRequest } from './explanation.ts';

/** Refusals because a limit of the namespace is used up or exceeded. */
export const limitRules: RefusalRule[] = [quota, missingQuotaField, limitRange];

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
