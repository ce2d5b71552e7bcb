/**
 * Runs work one at a time. Calls that come during a run wait and share the next one. A run that has begun is never
 * joined, because it may have missed the change that the caller was woken for.
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

  /** Runs other work by itself, in the same sequence. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}
