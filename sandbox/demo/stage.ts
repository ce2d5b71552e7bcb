import { styleText } from 'node:util';

/** Everything the demo prints. Colours only if the terminal supports them (`NO_COLOR`, pipes). */
export interface Stage {
  chapter(title: string): void;
  /** An action of somebody. */
  act(text: string): void;
  /** An observation on the API server or on the forge. */
  seen(text: string): void;
  detail(text: string): void;
  /** `push 0 → delivered 6 → applied 74 → healthy 310 → reported 330 ms` */
  times(times: Record<string, number | undefined>): void;
  failed(text: string): void;
}

export function createStage(write: (text: string) => void): Stage {
  const line = (text: string) => write(`${text}\n`);
  return {
    chapter: (title) => line(`\n${styleText('bold', title)}`),
    act: (text) => line(`  ${styleText('cyan', '›')} ${text}`),
    seen: (text) => line(`  ${styleText('green', '✓')} ${text}`),
    detail: (text) => line(`    ${styleText('dim', text)}`),
    times(times) {
      const steps = Object.entries(times).flatMap(([name, ms]) =>
        ms === undefined ? [] : [`${name} ${styleText('bold', `${Math.round(ms)}`)}`],
      );
      line(`    ${steps.join(styleText('dim', ' → '))} ${styleText('dim', 'ms after the push')}`);
    },
    failed: (text) => line(`  ${styleText('red', '✗')} ${text}`),
  };
}
