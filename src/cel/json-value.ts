import type { CelInput } from '@bufbuild/cel';
import type { JsonObject, JsonValue } from '../model/object.ts';
import { type Budget, spend } from './budget.ts';

/** Entries that are scanned in the time of one step. */
const entriesPerStep = 8;

/**
 * JSON as CEL sees it: whole numbers are `int`, others `double`, as in the rules of Kubernetes
 * (https://kubernetes.io/docs/reference/using-api/cel/). Objects are converted only when an expression reads
 * them, so that a rule that reads `status.phase` does not pay for a megabyte of status; what is read is charged.
 */
export function celOf(value: JsonValue, budget: Budget): CelInput {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (!Array.isArray(value)) return new JsonMap(value, budget);
  spend(budget, 1 + value.length / entriesPerStep);
  return value.map((entry) => celOf(entry, budget));
}

/** A map whose values are converted when they are read. The evaluator only reads. */
class JsonMap extends Map<string, CelInput> {
  readonly #source: JsonObject;
  readonly #budget: Budget;

  constructor(source: JsonObject, budget: Budget) {
    super();
    this.#source = source;
    this.#budget = budget;
  }

  override get size(): number {
    return this.#keys().length;
  }

  override get(key: string): CelInput | undefined {
    spend(this.#budget, 1);
    const value = this.has(key) ? this.#source[key] : undefined;
    return value === undefined ? undefined : celOf(value, this.#budget);
  }

  override has(key: string): boolean {
    // CEL asks with keys of any type; `map[1]` is not `map["1"]`.
    return typeof key === 'string' && Object.hasOwn(this.#source, key);
  }

  override keys(): MapIterator<string> {
    return this.#keys().values();
  }

  override *entries(): MapIterator<[string, CelInput]> {
    for (const key of this.#keys()) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
    return undefined;
  }

  override *values(): MapIterator<CelInput> {
    for (const [, value] of this.entries()) yield value;
    return undefined;
  }

  override [Symbol.iterator](): MapIterator<[string, CelInput]> {
    return this.entries();
  }

  override forEach(visit: (value: CelInput, key: string, map: Map<string, CelInput>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  #keys(): string[] {
    const keys = Object.keys(this.#source);
    spend(this.#budget, 1 + keys.length / entriesPerStep);
    return keys;
  }
}
