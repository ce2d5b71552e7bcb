import type { HealthTable } from '../table.ts';

export const gatekeeper: HealthTable = {
  project: 'OPA Gatekeeper',
  sources: [
    'https://open-policy-agent.github.io/gatekeeper/website/docs/howto/',
    'https://open-policy-agent.github.io/gatekeeper/website/docs/audit/',
  ],
  kinds: {
    'ConstraintTemplate.templates.gatekeeper.sh': {
      failing: 'status.byPod.exists(pod, has(pod.errors) && pod.errors.size() > 0)',
      healthy: 'status.created == true',
      message:
        'has(status.byPod) && status.byPod.exists(pod, has(pod.errors) && pod.errors.size() > 0)' +
        ' ? status.byPod.filter(pod, has(pod.errors) && pod.errors.size() > 0)[0].errors[0].message' +
        ' : status.created ? "created" : "not created yet"',
    },
    '*.constraints.gatekeeper.sh': {
      failing: 'status.byPod.exists(pod, has(pod.errors) && pod.errors.size() > 0)',
      healthy: 'status.byPod.size() > 0 && status.byPod.all(pod, pod.enforced)',
      message:
        'status.byPod.exists(pod, has(pod.errors) && pod.errors.size() > 0)' +
        ' ? status.byPod.filter(pod, has(pod.errors) && pod.errors.size() > 0)[0].errors[0].message' +
        ' : status.byPod.all(pod, pod.enforced) ? "enforced" : "not enforced everywhere yet"',
    },
  },
};
