// GitHub refuses more (422); GitLab takes 255, and one text should read the same on both.
const limit = 140;

/** At most 140 characters as people count them, ending in `…` where something was cut. */
export function cutDescription(text: string): string {
  const characters = [...text];
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`;
}
