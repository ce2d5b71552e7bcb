import type { HealthTable } from '../table.ts';

export const metal3: HealthTable = {
  project: 'Metal3',
  sources: [
    'https://book.metal3.io/bmo/state_machine',
    'https://github.com/metal3-io/baremetal-operator/blob/main/apis/metal3.io/v1alpha1/baremetalhost_types.go',
  ],
  kinds: {
    'BareMetalHost.metal3.io': {
      suspended: '"baremetalhost.metal3.io/paused" in metadata.annotations',
      failing: 'status.operationalStatus == "error"',
      healthy:
        'status.provisioning.state in ["provisioned", "externally provisioned", "available", "ready", "unmanaged"]',
      message:
        'has(status.errorMessage) && status.errorMessage != "" ? status.errorMessage : status.provisioning.state',
    },
  },
};
