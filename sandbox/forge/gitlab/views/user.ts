import { DEVELOPER } from '../../git/commit.ts';

/** The person behind every push, merge and note on the forge. */
export const userView = (url: string) => ({
  id: 1,
  username: 'dana',
  name: DEVELOPER.name,
  state: 'active',
  locked: false,
  avatar_url: `${url}/uploads/dana.png`,
  web_url: `${url}/dana`,
});
