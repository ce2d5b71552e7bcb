/** Forges that asked for a pause: until it is over, no worker on any machine sends them requests. */
export interface Pauses {
  /** Milliseconds that remain; 0 if there is none. */
  remaining(forge: string): Promise<number>;
  set(forge: string, ms: number): Promise<void>;
}
