import { type Html, html, trusted } from './html.ts';
import { style, styleHash } from './style.ts';

/** What every page is served with: it runs nothing, loads nothing, and its address is kept secret. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src '${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  // The address is the key: it may not leak to linked pages, search engines or shared caches.
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
  'cache-control': 'private, no-store',
  'x-content-type-options': 'nosniff',
};

/** The frame of every page, as text. */
export function layout({ title, body }: { title: string; body: Html }): string {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
<style>${trusted(style)}</style></head>
<body><main>
${body}
</main></body></html>
`;
  return page.markup;
}
