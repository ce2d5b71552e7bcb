import { z } from 'zod';
import { type ForgeType, forgeFields } from '../../config/forge-type.ts';
import { fields, httpUrl } from '../../config/values.ts';

const schema = fields({
  type: z.literal('gitlab').describe('GitLab, gitlab.com or your own.'),
  url: httpUrl.default('https://gitlab.com').describe('Address of the GitLab; the API is at <url>/api/v4.'),
  ...forgeFields,
});

/** The configuration of a GitLab in server.yaml. */
export const gitlabType: ForgeType<z.output<typeof schema>> = {
  type: 'gitlab',
  schema,
  /** https://docs.gitlab.com/api/rest/ */
  apiUrlOf: (url) => `${url}/api/v4`,
};
