/**
 * Health of one object. A release waits while it is `progressing` or `terminating`, fails if it is `failed`, and stops
 * waiting for the object in any other state.
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
  /** For people, who should be able to act on it: `0 of 3 pods ready`. */
  message: string;
}
