import { shortName, type Target } from '../model/target.ts';

/**
 * Whether one of these commit messages has the trailer `slipway.dev/confirm-prune: <app>` or `<app>@<environment>`.
 * Commas or spaces separate several names. Git's own trailer parser allows no dot in a key, so lines are parsed here.
 */
export function isConfirmed(messages: string[], target: Target): boolean {
  const lines = messages.flatMap((message) => message.split(/\r?\n/));
  return lines.some((line) => {
    const names = /^slipway\.dev\/confirm-prune:(.*)$/i.exec(line.trim())?.[1]?.split(/[\s,]+/) ?? [];
    return names.some((name) => [target.app, shortName(target), target.id].includes(name));
  });
}
