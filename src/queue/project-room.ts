/** How many jobs of a project a worker runs at once. */
export interface ProjectBound<Data> {
  /** The project of a job; undefined: it belongs to none, and shares the room of all such jobs. */
  of(job: Data): string | undefined;
  most: number;
}

/** The room that the jobs of each project have in one worker. */
export interface ProjectRoom<Data> {
  /** Returns the function to call when the job has ended; undefined: the project's room is full. */
  enter(job: Data): (() => void) | undefined;
  /** How long a job waits for which there was no room: so long that many of them cost little, and at random. */
  putBackMs(): number;
}

const PUT_BACK_MS = 2_000;

export function createProjectRoom<Data>({ of, most }: ProjectBound<Data>): ProjectRoom<Data> {
  const running = new Map<string | undefined, number>();

  function add(project: string | undefined, count: number): void {
    const now = (running.get(project) ?? 0) + count;
    if (now === 0) running.delete(project);
    else running.set(project, now);
  }

  return {
    enter(job) {
      const project = of(job);
      if ((running.get(project) ?? 0) >= most) return undefined;
      add(project, 1);
      return () => add(project, -1);
    },
    putBackMs: () => PUT_BACK_MS * (0.5 + Math.random()),
  };
}
