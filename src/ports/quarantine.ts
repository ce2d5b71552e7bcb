/** A job that is not run any more, because each process that ran it died. */
export interface Quarantined {
  /** The kind of job: intake, plan, deploy or notify. */
  queue: string;
  /** What it works on: a repository, the id of a request, a target, or repository, commit and scope. */
  name: string;
  /** Processes that died while they ran it. */
  deaths: number;
  /** Milliseconds since the epoch. */
  since: number;
}

export interface Quarantine {
  /** The oldest first. */
  list(): Promise<Quarantined[]>;
  /** Forgets the deaths, so that the job runs again when it is next enqueued. False: it is not in quarantine. */
  lift(queue: string, name: string): Promise<boolean>;
}
