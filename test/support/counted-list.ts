import type { JsonObject } from '../../src/model/object.ts';

/** A list of named entries that counts how often a name is read, which shows how the work grows with the list. */
export function countedList(length: number, entryOf: (index: number) => JsonObject = () => ({})) {
  const reads = { count: 0 };
  const list = Array.from({ length }, (_, index) => {
    const entry: JsonObject = entryOf(index);
    return Object.defineProperty(entry, 'name', {
      enumerable: true,
      get() {
        reads.count += 1;
        return `entry-${index}`;
      },
    });
  });
  return { list, reads };
}
