import type { EngineFailure } from '../engine/protocol.ts';

/** What the files of a commit cannot give, and why: the render that asked for it ends with this. */
export class Refusal extends Error {
  readonly failure: EngineFailure;

  constructor(
    file: string,
    summary: string,
    more: { code?: EngineFailure['code'] | undefined; hint?: string | undefined } = {},
  ) {
    super(summary);
    this.name = 'Refusal';
    this.failure = { code: more.code ?? 'RENDER_FAILED', summary, file, hint: more.hint };
  }
}
