import { each, type HealthTable } from '../table.ts';

export const karpenter: HealthTable = {
  project: 'Karpenter',
  sources: [
    'https://karpenter.sh/docs/concepts/nodepools/#statusconditions',
    'https://karpenter.sh/docs/concepts/nodeclasses/#statusconditions',
  ],
  kinds: each(['NodePool.karpenter.sh', 'EC2NodeClass.karpenter.k8s.aws'], {
    failing: 'conditions.ValidationSucceeded.status == "False"',
    healthy: 'conditions.Ready.status == "True"',
    message:
      'conditions.ValidationSucceeded.status == "False" ? conditions.ValidationSucceeded.reason + ": " + conditions.ValidationSucceeded.message : ""',
  }),
};
