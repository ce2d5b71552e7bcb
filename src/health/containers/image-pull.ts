import { oneLine } from '../text.ts';

interface Cause {
  pattern: RegExp;
  say: (image: string) => string;
}

/** Runtimes and registries say the same things in many words; the first that fits is said in ours. */
const causes: Cause[] = [
  { pattern: /toomanyrequests|429|rate limit/i, say: (image) => `image ${image}: the registry limits pulls` },
  {
    pattern: /unauthorized|denied|forbidden|authentication|authorization failed|\b40[13]\b/i,
    say: (image) =>
      `image ${image}: the registry refused it (it may not exist, or imagePullSecrets may be missing)`,
  },
  {
    pattern: /no match for platform|no matching manifest/i,
    say: (image) => `image ${image} has no build for the node's platform`,
  },
  {
    pattern: /not found|notfound|manifest unknown|name unknown/i,
    say: (image) => `image ${image} not found`,
  },
  {
    pattern:
      /no such host|connection refused|i\/o timeout|deadline exceeded|x509|tls:|dial tcp|no route to host/i,
    say: (image) => `image ${image}: the registry cannot be reached`,
  },
];

/** Why an image cannot be had, from the kubelet's message: `image "loan-service:v9" not found`. */
export function describePull(image: string, reason: string, message: string): string {
  const name = `"${image}"`;
  if (reason === 'InvalidImageName') return `image ${name} is not a valid name`;
  if (reason === 'ErrImageNeverPull') return `image ${name} is not on the node, and imagePullPolicy is Never`;
  // The image's own name can hold any of the words looked for.
  const words = message.replaceAll(image, '');
  const cause = causes.find(({ pattern }) => pattern.test(words));
  if (cause) return cause.say(name);
  const detail = oneLine(message.replace(/^Back-off pulling image "[^"]*"(: )?/, ''));
  return detail === '' ? `image ${name} cannot be pulled` : `image ${name} cannot be pulled: ${detail}`;
}
