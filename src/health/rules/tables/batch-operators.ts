import { each, type HealthTable } from '../table.ts';

export const spark: HealthTable = {
  project: 'Spark Operator',
  sources: ['https://github.com/kubeflow/spark-operator/blob/master/docs/api-docs.md'],
  kinds: {
    // An application that is always restarted never completes. A failed submission may be retried.
    'SparkApplication.sparkoperator.k8s.io': {
      failed: 'status.applicationState.state == "FAILED"',
      failing: 'status.applicationState.state == "SUBMISSION_FAILED"',
      healthy:
        'status.applicationState.state == "COMPLETED" || ' +
        '(status.applicationState.state == "RUNNING" && spec.restartPolicy.type == "Always")',
      message:
        'status.applicationState.state + (has(status.applicationState.errorMessage) ? ": " + status.applicationState.errorMessage : "")',
    },
    'ScheduledSparkApplication.sparkoperator.k8s.io': {
      suspended: 'spec.suspend == true',
      failed: 'status.scheduleState == "FailedValidation"',
      healthy: 'status.scheduleState in ["Scheduled", "Validating"]',
      message: 'status.scheduleState + (has(status.reason) ? ": " + status.reason : "")',
    },
  },
};

export const kubeflowTrainer: HealthTable = {
  project: 'Kubeflow training jobs',
  sources: ['https://www.kubeflow.org/docs/components/trainer/legacy-v1/reference/fields-reference/'],
  kinds: each(
    [
      'PyTorchJob.kubeflow.org',
      'TFJob.kubeflow.org',
      'MPIJob.kubeflow.org',
      'XGBoostJob.kubeflow.org',
      'PaddleJob.kubeflow.org',
      'JAXJob.kubeflow.org',
    ],
    {
      suspended: 'spec.runPolicy.suspend == true',
      failed: 'conditions.Failed.status == "True"',
      healthy: 'conditions.Succeeded.status == "True"',
    },
  ),
};
