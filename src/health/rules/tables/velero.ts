import { each, type HealthTable } from '../table.ts';

/** Why validation failed, or the number of errors. */
const message =
  'status.phase + (has(status.validationErrors) && status.validationErrors.size() > 0 ? ": " + status.validationErrors[0]' +
  ' : has(status.failureReason) ? ": " + status.failureReason' +
  ' : has(status.errors) && status.errors > 0 ? ": " + string(status.errors) + " errors" : "")';

export const velero: HealthTable = {
  project: 'Velero',
  sources: [
    'https://velero.io/docs/main/api-types/backup/',
    'https://velero.io/docs/main/api-types/restore/',
    'https://velero.io/docs/main/api-types/schedule/',
    'https://velero.io/docs/main/api-types/backupstoragelocation/',
  ],
  kinds: {
    ...each(['Backup.velero.io', 'Restore.velero.io'], {
      failed: 'status.phase in ["FailedValidation", "PartiallyFailed", "Failed"]',
      healthy: 'status.phase == "Completed"',
      message,
    }),
    'Schedule.velero.io': {
      suspended: 'spec.paused == true',
      failed: 'status.phase == "FailedValidation"',
      healthy: 'status.phase == "Enabled"',
      message,
    },
    'BackupStorageLocation.velero.io': {
      failing: 'status.phase == "Unavailable"',
      healthy: 'status.phase == "Available"',
      message: 'status.phase + (has(status.message) ? ": " + status.message : "")',
    },
    'BackupRepository.velero.io': {
      healthy: 'status.phase == "Ready"',
      message: 'status.phase + (has(status.message) ? ": " + status.message : "")',
    },
  },
};
