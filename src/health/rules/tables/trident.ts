import { each, type HealthTable } from '../table.ts';

export const trident: HealthTable = {
  project: 'NetApp Trident and Astra',
  sources: [
    'https://docs.netapp.com/us-en/trident/trident-use/backend-kubectl.html',
    'https://docs.netapp.com/us-en/trident/trident-protect/trident-protect-protect-apps.html',
  ],
  kinds: {
    ...each(
      ['Backup', 'Snapshot', 'BackupRestore', 'SnapshotRestore'].flatMap((kind) => [
        `${kind}.astra.netapp.io`,
        `${kind}.protect.trident.netapp.io`,
      ]),
      {
        failed: 'status.state in ["Failed", "Error"]',
        healthy: 'status.state == "Completed"',
        message: 'status.state + (has(status.error) && status.error != "" ? ": " + status.error : "")',
      },
    ),
    // It stays Bound if an update of its backend fails.
    'TridentBackendConfig.trident.netapp.io': {
      failing: 'status.lastOperationStatus == "Failed"',
      healthy: 'status.phase == "Bound"',
    },
  },
};
