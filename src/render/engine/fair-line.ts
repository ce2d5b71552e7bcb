/** Waiting work of several owners: the owners take turns, each owner's work stays in order. */
export class FairLine<T> {
  private readonly waiting = new Map<string, T[]>();

  get size(): number {
    let size = 0;
    for (const line of this.waiting.values()) size += line.length;
    return size;
  }

  add(owner: string, item: T): void {
    const line = this.waiting.get(owner);
    if (line) line.push(item);
    else this.waiting.set(owner, [item]);
  }

  /** The next one of an owner that `may` come, who then goes behind the others. */
  take(may: (owner: string) => boolean): T | undefined {
    for (const [owner, line] of this.waiting) {
      if (!may(owner)) continue;
      const item = line.shift();
      this.waiting.delete(owner);
      if (line.length > 0) this.waiting.set(owner, line);
      return item;
    }
    return undefined;
  }

  /** Takes out one that does not want to wait any more. */
  remove(owner: string, item: T): void {
    const left = this.waiting.get(owner)?.filter((other) => other !== item) ?? [];
    if (left.length > 0) this.waiting.set(owner, left);
    else this.waiting.delete(owner);
  }
}
