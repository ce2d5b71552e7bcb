import { oneLine } from '../text.ts';

interface Cause {
  pattern: RegExp;
  describe: (image: string) => string;
}

/** Runtimes and registries word the same causes differently; the first pattern that matches decides. */
const causes: Cause[] = [
  {
    pattern: /toomanyrequests|429|rate limit/i,
    describe: (image) => `image ${image}: the registry's rate limit is reached`,
  },
  {
    pattern: /unauthorized|denied|forbidden|authentication|authorization failed|\b40[13]\b/i,
    describe: (image) =>
      `image ${image}: the registry refused it (it may not exist, or imagePullSecrets may be missing)`,
  },
  {
    pattern: /no match for platform|no matching manifest/i,
    describe: (image) => `image ${image} has no build for the node's platform`,
  },
  {
    pattern: /not found|notfound|manifest unknown|name unknown/i,
    describe: (image) => `image ${image} not found`,
  },
  {
    pattern:
      /no such host|connection refused|i\/o timeout|deadline exceeded|x509|tls:|dial tcp|no route to host/i,
    describe: (image) => `image ${image}: the registry cannot be reached`,
  },
];

/**
 * Why an image cannot be pulled, from the kubelet's message: `image "loan-service:v9" not found`; undefined if the
 * message gives no reason.
 */
export function pullProblem(image: string, reason: string, message: string): string | undefined {
  const name = `"${image}"`;
  if (reason === 'InvalidImageName') return `image ${name} is not a valid name`;
  if (reason === 'ErrImageNeverPull') return `image ${name} is not on the node, and imagePullPolicy is Never`;
  // The image's own name may contain any of the words in the patterns.
  const text = message.replaceAll(image, '');
  const cause = causes.find(({ pattern }) => pattern.test(text));
  if (cause) return cause.describe(name);
  const detail = oneLine(message.replace(/^Back-off pulling image "[^"]*"(: )?/, ''));
  return detail === '' ? undefined : `image ${name} cannot be pulled: ${detail}`;
}
