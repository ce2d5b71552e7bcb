import type { Sender } from './hooks/sender.ts';
import type { FaceState, ForgeState } from './state.ts';

/** The context of every operation of one face. */
export interface Context {
  state: ForgeState;
  face: FaceState;
  sender: Sender;
}
