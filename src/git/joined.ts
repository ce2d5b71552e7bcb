/**
 * Work of which one runs at a time. Calls that come while one runs wait and then share the next run: what started before
 * a bell rang may not have seen what the bell was for, so a run that has begun is never joined.
 */
export class Joined<Item, Result> {
  private readonly run: (items: Set<Item>) => Promise<Result>;
  private last: Promise<unknown> = Promise.resolve();
  private next: { items: Set<Item>; result: Promise<Result> } | undefined;

  constructor(run: (items: Set<Item>) => Promise<Result>) {
    this.run = run;
  }

  ask(items: Iterable<Item>): Promise<Result> {
    if (this.next) {
      for (const item of items) this.next.items.add(item);
      return this.next.result;
    }
    const wanted = new Set(items);
    const result = this.last.then(() => {
      if (this.next?.items === wanted) this.next = undefined;
      return this.run(wanted);
    });
    this.next = { items: wanted, result };
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Runs something else in turn, by itself. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}
