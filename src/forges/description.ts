// GitHub refuses more (422). GitLab accepts 255, but the text should be the same on both.
const limit = 140;

/** At most 140 characters as people count them, ending with `…` if the text was cut. */
export function cutDescription(text: string): string {
  const characters = [...text];
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`;
}
