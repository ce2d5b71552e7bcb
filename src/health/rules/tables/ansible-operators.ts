import { each, type HealthTable } from '../table.ts';

export const ansibleOperators: HealthTable = {
  project: 'Kiali, AWX',
  sources: [
    'https://kiali.io/docs/configuration/kialis.kiali.io/',
    'https://github.com/operator-framework/ansible-operator-plugins/blob/main/internal/ansible/controller/status/types.go',
  ],
  kinds: each(
    [
      'Kiali.kiali.io',
      'OSSMConsole.kiali.io',
      'AWX.awx.ansible.com',
      'AutomationController.automationcontroller.ansible.com',
    ],
    {
      // Running stays true after a run; its reason is that of the run: Running or Successful.
      failing: 'conditions.Failure.status == "True"',
      healthy: 'conditions.Running.reason == "Successful"',
      message:
        'conditions.Failure.status == "True" ? conditions.Failure.reason + ": " + conditions.Failure.message' +
        ' : conditions.Running.reason + ": " + conditions.Running.message',
    },
  ),
};
