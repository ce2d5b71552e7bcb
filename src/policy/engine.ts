import type { RenderedObject } from '../model/object.ts';
import type { Target } from '../model/target.ts';
import type { Violation } from '../model/violation.ts';

/** One way to evaluate objects. */
export interface PolicyEngine {
  /** Names the engine in its violations. */
  readonly name: string;
  /** Every violation of objects that have their namespaces; none may be left out because of another. */
  evaluate(target: Target, objects: RenderedObject[]): Promise<Violation[]>;
  /** All that decides the engine's findings beside the objects, as text. Called once a target and intake: cache it. */
  knowledge(target: Target): string;
}
