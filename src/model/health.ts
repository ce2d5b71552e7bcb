/**
 * Verdict on one object. `healthy`, `suspended` and `scaled-to-zero` end the wait well, `failed` ends it
 * badly, `progressing` and `terminating` go on.
 */
export type HealthState =
  | 'healthy'
  | 'progressing'
  | 'failed'
  | 'suspended'
  | 'scaled-to-zero'
  | 'terminating';

export interface Health {
  state: HealthState;
  /** In words a person can act on: `0 of 3 pods ready`. */
  message: string;
}
