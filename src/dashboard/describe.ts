import type { ReleaseState } from '../model/release.ts';

/** How a state looks: a class of the style sheet. */
const tones: Record<ReleaseState, 'good' | 'bad' | 'busy' | 'idle'> = {
  queued: 'busy',
  rendering: 'busy',
  checking: 'busy',
  applying: 'busy',
  verifying: 'busy',
  succeeded: 'good',
  unchanged: 'good',
  failed: 'bad',
  'rolled-back': 'bad',
  superseded: 'idle',
  blocked: 'busy',
};

export function toneOf(state: ReleaseState): string {
  return tones[state];
}

/** `84 ms`, `2.4 s`, `3 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** `2026-03-01 12:30:05 UTC` */
export function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
