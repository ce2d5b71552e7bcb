import { createHash } from 'node:crypto';
import type { Policy } from '../ports/policy.ts';
import { assignNamespaces } from './assign-namespaces.ts';
import type { PolicyEngine } from './engine.ts';

/** The policy stage: namespaces are assigned, then each engine evaluates all objects. */
export function createPolicy(engines: readonly PolicyEngine[]): Policy {
  return {
    assignNamespaces,
    async evaluate(target, objects) {
      const found = await Promise.all(engines.map((engine) => engine.evaluate(target, objects)));
      return found.flat();
    },
    keyOf(target) {
      const knowledge = engines.map((engine) => [engine.name, engine.knowledge(target)]);
      return createHash('sha256').update(JSON.stringify(knowledge)).digest('hex');
    },
  };
}
