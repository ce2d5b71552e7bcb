/** Runs by key. Callers that ask while a run is in progress share it, also its failure. */
export class SharedRuns<Key> {
  private readonly running = new Map<Key, Promise<void>>();

  ask(key: Key, run: () => Promise<void>): Promise<void> {
    const running = this.running.get(key);
    if (running) return running;
    const result = run().finally(() => this.running.delete(key));
    this.running.set(key, result);
    return result;
  }
}
