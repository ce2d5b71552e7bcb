import { html } from './html.ts';
import { layout } from './layout.ts';

/** The page of an error, with the next step. */
export function errorPage({ message, hint }: { message: string; hint: string }): string {
  return layout({ title: message, body: html`<h1>${message}</h1><p class="quiet">${hint}</p>` });
}
