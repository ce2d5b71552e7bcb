import type { Sender } from './hooks/sender.ts';
import type { FaceState, ForgeState } from './state.ts';

/** What every operation of one face works with. */
export interface Context {
  state: ForgeState;
  face: FaceState;
  sender: Sender;
}
