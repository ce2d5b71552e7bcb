import type { RepositoryId } from '../model/target.ts';

/** A job that is not run any more, because each process that ran it died. */
export interface Quarantined {
  /** The kind of job: intake, plan, deploy or notify. */
  queue: string;
  /** What it works on: a repository, the id of a request, a target, or repository, commit and scope. */
  name: string;
  /** Undefined: the name of the job does not say it. */
  repository?: RepositoryId | undefined;
  /** Processes that died while they ran it. */
  deaths: number;
  /** Milliseconds since the epoch. */
  since: number;
}

/** What an operator sees of the quarantine, and does about it. */
export interface Quarantine {
  /** The oldest first. */
  list(): Promise<Quarantined[]>;
  /** Forgets the deaths and enqueues the work again, as requested by the token `by`. */
  retry(job: Quarantined, by: string): Promise<void>;
}
