import { each, type HealthTable } from '../table.ts';

const firstMissing = 'status.conditions.filter(c, c.status != "True")[0]';

export const numaproj: HealthTable = {
  project: 'Numaflow and Numaplane',
  sources: [
    'https://numaflow.numaproj.io/APIs/',
    'https://github.com/numaproj/numaplane/blob/main/pkg/apis/numaplane/v1alpha1/common_types.go',
  ],
  kinds: {
    // Its phase is Running while its vertices are not healthy.
    ...each(
      [
        'Pipeline.numaflow.numaproj.io',
        'MonoVertex.numaflow.numaproj.io',
        'Vertex.numaflow.numaproj.io',
        'InterStepBufferService.numaflow.numaproj.io',
      ],
      {
        suspended: 'status.phase == "Paused"',
        failing: 'status.phase == "Failed"',
        progressing: 'status.conditions.exists(c, c.status != "True")',
        healthy: 'status.phase in ["Running", "Succeeded"]',
        message:
          'has(status.message) && status.message != "" ? status.phase + ": " + status.message' +
          ' : has(status.conditions) && status.conditions.exists(c, c.status != "True")' +
          ` ? ${firstMissing}.type + ": " + ${firstMissing}.reason : status.phase`,
      },
    ),
    ...each(
      [
        'PipelineRollout.numaplane.numaproj.io',
        'MonoVertexRollout.numaplane.numaproj.io',
        'ISBServiceRollout.numaplane.numaproj.io',
        'NumaflowControllerRollout.numaplane.numaproj.io',
      ],
      {
        failing: 'status.phase == "Failed" || conditions.ProgressiveUpgradeSucceeded.status == "False"',
        healthy: 'status.phase == "Deployed" && conditions.ChildResourcesHealthy.status == "True"',
        message:
          'status.phase + (has(status.message) && status.message != "" ? ": " + status.message' +
          ' : has(conditions.ChildResourcesHealthy) && conditions.ChildResourcesHealthy.status != "True"' +
          ' ? ": ChildResourcesHealthy is " + conditions.ChildResourcesHealthy.status' +
          ' : has(conditions.ProgressiveUpgradeSucceeded) && conditions.ProgressiveUpgradeSucceeded.status == "False"' +
          ' ? ": " + conditions.ProgressiveUpgradeSucceeded.reason : "")',
      },
    ),
  },
};
