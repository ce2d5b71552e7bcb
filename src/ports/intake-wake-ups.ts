import type { RepositoryId } from '../model/target.ts';

/** Makes the intake look at these repositories. Resolves once the wake-ups are in Redis. */
export interface IntakeWakeUps {
  enqueueIntake(repositories: RepositoryId[]): Promise<void>;
}
