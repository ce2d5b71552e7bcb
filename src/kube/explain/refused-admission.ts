import type { Explanation, RefusalRule } from './explanation.ts';

/** Refusals by admission: the cluster's policies and its webhooks. */
export const admissionRules: RefusalRule[] = [
  podSecurity,
  admissionPolicy,
  admissionWebhook,
  webhookDown,
  brokenMutation,
];

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
