import type { IBreaker } from 'cockatiel';

/**
 * Opens once calls about so many different repositories held their callers in vain, with none in between that came
 * through. One repository that hangs says nothing about the others.
 */
export class SilenceBreaker implements IBreaker {
  state: unknown;
  private readonly silent = new Set<string>();
  private readonly threshold: number;

  constructor(threshold: number) {
    this.threshold = threshold;
  }

  /** A call about this repository failed: told before the circuit asks `failure`. */
  note(repository: string): void {
    this.silent.add(repository);
  }

  success(): void {
    this.silent.clear();
  }

  failure(): boolean {
    return this.silent.size >= this.threshold;
  }
}
