import { SlipwayError } from '../errors.ts';

/** The share of one request in the bytes that all bodies in flight may hold. */
export interface BodyLease {
  /** Holds at least `bytes`. Throws OVERLOADED if that is more than is left. */
  hold(bytes: number): void;
  /** Gives everything back; may be called again. */
  free(): void;
}

/** All in bytes. */
export interface BodyBounds {
  /** A body of at most this size is small, as nearly all webhooks are. */
  small: number;
  /** For small bodies alone: large ones cannot keep them out. */
  smallTogether: number;
  largeTogether: number;
  /** What one address may hold of large bodies. */
  largeOfAddress: number;
}

/**
 * Bounds the memory that received bodies take together, however many connections there are. Only bytes that have
 * arrived count: what a client announces costs nothing.
 */
export function createBodyBudget(
  bounds: BodyBounds,
  bodies: { inFlight: number },
): (address: string) => BodyLease {
  let small = 0;
  let large = 0;
  const ofAddress = new Map<string, number>();

  function changeLarge(address: string, bytes: number): void {
    const held = (ofAddress.get(address) ?? 0) + bytes;
    large += bytes;
    if (held > 0) ofAddress.set(address, held);
    else ofAddress.delete(address);
  }

  function isTooMuch(address: string, bytes: number): boolean {
    const held = ofAddress.get(address) ?? 0;
    return large + bytes > bounds.largeTogether || held + bytes > bounds.largeOfAddress;
  }

  return (address) => {
    let held = 0;
    const isLarge = () => held > bounds.small;
    const release = () => {
      if (isLarge()) changeLarge(address, -held);
      else small -= held;
      bodies.inFlight -= held;
      held = 0;
    };
    return {
      hold(bytes) {
        if (bytes <= held) return;
        const grown = isLarge() ? bytes - held : bytes;
        const overloaded =
          bytes > bounds.small ? isTooMuch(address, grown) : small + bytes - held > bounds.smallTogether;
        if (overloaded) {
          throw new SlipwayError('OVERLOADED', 'too many bytes of webhooks are in flight', {
            retryAfterMs: 1_000,
          });
        }
        release();
        held = bytes;
        if (isLarge()) changeLarge(address, bytes);
        else small += bytes;
        bodies.inFlight += bytes;
      },
      free: release,
    };
  };
}
