import type { ServerConfig } from '../config/server-config.ts';
import type { Gate } from '../ports/gate.ts';
import type { ForgeLog } from './context.ts';
import { createGate } from './gate.ts';

export interface GatesContext {
  log: ForgeLog;
  /** Called at the start, and whenever a forge stops answering or answers again. */
  onCircuit: (forge: string, open: boolean) => void;
}

/** The gate of every forge of server.yaml, by its name: one for all calls of this process. */
export function createGates(
  forges: ServerConfig['forges'],
  { log, onCircuit }: GatesContext,
): Map<string, Gate> {
  const gates = Object.values(forges).map(({ name, maxRequests }): [string, Gate] => {
    const onChange = (open: boolean) => {
      onCircuit(name, open);
      log.warn(
        { forge: name },
        open ? 'the forge does not answer: calls fail at once until it does' : 'the forge answers again',
      );
    };
    onCircuit(name, false);
    return [name, createGate({ forge: name, maxRequests, onChange })];
  });
  return new Map(gates);
}
