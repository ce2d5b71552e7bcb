import { shortName, type Target } from '../model/target.ts';

/**
 * Whether one of these commit messages has the trailer `slipway.dev/confirm-prune: <app>`, or `<app>@<environment>`;
 * several names stand apart by commas or spaces. Read line by line: Git's own trailers allow no dot in a name.
 */
export function isConfirmed(messages: string[], target: Target): boolean {
  const lines = messages.flatMap((message) => message.split(/\r?\n/));
  return lines.some((line) => {
    const names = /^slipway\.dev\/confirm-prune:(.*)$/i.exec(line.trim())?.[1]?.split(/[\s,]+/) ?? [];
    return names.some((name) => [target.app, shortName(target), target.id].includes(name));
  });
}
