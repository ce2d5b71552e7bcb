import { type Html, html } from './html.ts';

/** A link to a web address; anything else (no address, another scheme) is the text alone. */
export function link(url: string | undefined, text: Html | string): Html {
  if (url === undefined || !isWebAddress(url)) return html`${text}`;
  return html`<a href="${url}">${text}</a>`;
}

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && ['https:', 'http:'].includes(new URL(url).protocol);
}
