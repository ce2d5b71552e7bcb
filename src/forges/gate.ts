import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { SlipwayError, toSlipwayError } from '../errors.ts';
import type { RepositoryId } from '../model/target.ts';
import type { Gate, GateCall } from '../ports/gate.ts';
import { SilenceBreaker } from './silence-breaker.ts';

export interface GateOptions {
  forge: string;
  maxRequests: number;
  /** Called when the forge stops answering, and when it answers again. */
  onChange: (open: boolean) => void;
  /** Milliseconds after which a call that then fails has held its caller; a refusal at once holds nobody up. */
  holdsMs?: number | undefined;
  /** Milliseconds until the first probe; the pause grows with each that fails. */
  pauseMs?: number | undefined;
}

const HOLDS_MS = 5_000;
const PAUSE_MS = 5_000;
/** A forge that is mended is used again within this time. */
const MAX_PAUSE_MS = 60_000;
/** Repositories in silence that make a forge silent, and calls in silence that make a repository silent. */
const SILENT_REPOSITORIES = 3;
const SILENT_CALLS = 2;
const MAX_REPOSITORIES = 10_000;

/** A call that ended without a word of the forge. */
class Unanswered extends Error {
  readonly error: unknown;

  constructor(error: unknown) {
    super('unanswered');
    this.error = error;
  }
}

/** The call took long and brought nothing. */
class Held extends Unanswered {}

/** The caller ended the call. */
class GivenUp extends Unanswered {}

/**
 * Two circuits (https://martinfowler.com/bliki/CircuitBreaker.html): one of the forge, and for Git one of each repository.
 * One call at a time probes an open circuit after a pause; all others fail at once meanwhile. Only calls that held their
 * caller count: a forge that refuses connections, or answers with an error, costs nobody else anything.
 */
export function createGate(options: GateOptions): Gate {
  return new ForgeGate(options);
}

class ForgeGate implements Gate {
  private readonly options: GateOptions;
  private readonly limit: ReturnType<typeof pLimit>;
  private readonly breaker = new SilenceBreaker(SILENT_REPOSITORIES);
  private readonly circuit: CircuitBreakerPolicy;
  private readonly repositories = new LRUCache<RepositoryId, CircuitBreakerPolicy>({ max: MAX_REPOSITORIES });

  constructor(options: GateOptions) {
    this.options = options;
    this.limit = pLimit(options.maxRequests);
    this.circuit = this.newCircuit(this.breaker);
    this.circuit.onBreak(() => options.onChange(true));
    this.circuit.onReset(() => options.onChange(false));
  }

  async pass<T>(
    kind: GateCall,
    repository: RepositoryId,
    call: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    // Asked before the wait too: who cannot pass does not stand in line.
    this.refuse(kind, repository);
    return this.inLine(async () => {
      this.refuse(kind, repository);
      try {
        return await this.through(kind, repository, () => this.watch(repository, call, signal));
      } catch (error) {
        if (error instanceof Unanswered) throw error.error;
        if (error instanceof BrokenCircuitError) throw this.silence(kind, repository);
        throw error;
      }
    }, signal);
  }

  /** A call that was given up while it waited leaves its caller at once, and its place when it comes to it. */
  private async inLine<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    let begun = false;
    const done = this.limit(() => {
      begun = true;
      signal?.throwIfAborted();
      return work();
    });
    if (!signal) return done;
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (!begun) reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      done.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }

  private through<T>(kind: GateCall, repository: RepositoryId, call: () => Promise<T>): Promise<T> {
    if (kind === 'api') return this.circuit.execute(call);
    const own = this.repositories.get(repository) ?? this.newCircuit(new ConsecutiveBreaker(SILENT_CALLS));
    this.repositories.set(repository, own);
    return own.execute(() => this.circuit.execute(call));
  }

  private async watch<T>(
    repository: RepositoryId,
    call: () => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const begun = performance.now();
    try {
      return await call();
    } catch (error) {
      const { code } = toSlipwayError(error);
      const isSilence = code === 'FORGE_UNREACHABLE' || code === 'GIT_UNREACHABLE';
      const wasHeld = performance.now() - begun >= (this.options.holdsMs ?? HOLDS_MS);
      if (!isSilence || !wasHeld) throw signal?.aborted ? new GivenUp(error) : error;
      this.breaker.note(repository);
      throw new Held(error);
    }
  }

  /** While a probe is under way nobody waits for it. */
  private refuse(kind: GateCall, repository: RepositoryId): void {
    const own = kind === 'git' ? this.repositories.get(repository) : undefined;
    if ([this.circuit, own].some((circuit) => circuit?.state === CircuitState.HalfOpen))
      throw this.silence(kind, repository);
  }

  private silence(kind: GateCall, repository: RepositoryId): SlipwayError {
    const { forge } = this.options;
    const isForge = this.circuit.state !== CircuitState.Closed;
    const who = isForge ? forge : `${forge} for ${repository}`;
    const summary = `${who} has not answered the last calls; it is tried again shortly`;
    // A pause of the forge would hold back its other repositories as well.
    const retryAfterMs = isForge ? (this.options.pauseMs ?? PAUSE_MS) : undefined;
    return new SlipwayError(kind === 'api' ? 'FORGE_UNREACHABLE' : 'GIT_UNREACHABLE', summary, {
      retryAfterMs,
    });
  }

  private newCircuit(breaker: SilenceBreaker | ConsecutiveBreaker): CircuitBreakerPolicy {
    const initialDelay = this.options.pauseMs ?? PAUSE_MS;
    const halfOpenAfter = new ExponentialBackoff({ initialDelay, maxDelay: MAX_PAUSE_MS });
    const circuit: CircuitBreakerPolicy = circuitBreaker(
      handleWhen(
        (error) => error instanceof Held || (isNoWord(error) && circuit.state === CircuitState.HalfOpen),
      ),
      { halfOpenAfter, breaker },
    );
    return circuit;
  }
}

/**
 * The error says nothing about who was called: the caller gave up, or the circuit of the forge stopped a call about a
 * repository. A circuit closes after any error that it does not handle, so such a probe counts as failed.
 */
function isNoWord(error: unknown): boolean {
  return error instanceof GivenUp || error instanceof BrokenCircuitError;
}
