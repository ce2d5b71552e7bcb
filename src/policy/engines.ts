import type { OperatorRules } from '../config/server-config.ts';
import type { PolicyEngine } from './engine.ts';
import { createOperatorRules } from './rules/operator-rules.ts';

/** The engines in the order their violations are reported. */
export function createEngines(config: OperatorRules): PolicyEngine[] {
  return [createOperatorRules(config)];
}
