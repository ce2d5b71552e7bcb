/** Work in order within a lane and side by side across lanes, as many as there are. */
export interface Lanes<T> {
  add(item: T): void;
  /** Resolves once fewer than `limit` items are held. */
  room(limit: number): Promise<void>;
  idle(): Promise<void>;
}

/** `run` must not reject. */
export function createLanes<T>(laneOf: (item: T) => string, run: (item: T) => Promise<void>): Lanes<T> {
  const lanes = new Map<string, Promise<void>>();
  let held = 0;
  let changed = Promise.withResolvers<void>();

  async function room(limit: number): Promise<void> {
    while (held >= limit) await changed.promise;
  }

  return {
    add(item) {
      held += 1;
      const lane = laneOf(item);
      const before = lanes.get(lane) ?? Promise.resolve();
      const last = before
        .then(() => run(item))
        .finally(() => {
          held -= 1;
          if (lanes.get(lane) === last) lanes.delete(lane);
          changed.resolve();
          changed = Promise.withResolvers();
        });
      lanes.set(lane, last);
    },
    room,
    idle: () => room(1),
  };
}
