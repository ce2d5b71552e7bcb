import { each, type HealthTable } from '../table.ts';

export const gitOpsPromoter: HealthTable = {
  project: 'GitOps Promoter',
  sources: [
    'https://gitops-promoter.readthedocs.io/en/latest/crd-specs/',
    'https://github.com/argoproj-labs/gitops-promoter/blob/main/internal/types/conditions/conditions.go',
  ],
  kinds: each(
    [
      'PromotionStrategy.promoter.argoproj.io',
      'ChangeTransferPolicy.promoter.argoproj.io',
      'PullRequest.promoter.argoproj.io',
      'CommitStatus.promoter.argoproj.io',
      'ArgoCDCommitStatus.promoter.argoproj.io',
    ],
    {
      // Other reasons for not being ready wait for another environment or policy.
      failing: 'conditions.Ready.status == "False" && conditions.Ready.reason == "ReconciliationError"',
      healthy: 'conditions.Ready.status == "True"',
    },
  ),
};
