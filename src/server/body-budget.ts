import { SlipwayError } from '../errors.ts';

/** The share of one request in the bytes that all bodies in flight may hold. */
export interface BodyLease {
  /** Holds at least `bytes`. Throws OVERLOADED where that is more than is left. */
  hold(bytes: number): void;
  /** Gives everything back; may be called again. */
  free(): void;
}

/** Bounds the memory that bodies in flight take together, however many connections there are. */
export function createBodyBudget(limit: number, bodies: { inFlight: number }): () => BodyLease {
  return () => {
    let held = 0;
    return {
      hold(bytes) {
        if (bytes <= held) return;
        if (bodies.inFlight + bytes - held > limit) {
          throw new SlipwayError('OVERLOADED', 'too many bytes of webhooks are in flight', {
            retryAfterMs: 1_000,
          });
        }
        bodies.inFlight += bytes - held;
        held = bytes;
      },
      free() {
        bodies.inFlight -= held;
        held = 0;
      },
    };
  };
}
