/** Markup that is safe as it is. Only `html` creates it, so text never becomes markup by accident. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | undefined | Part[];

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function render(part: Part): string {
  if (part === undefined) return '';
  if (Array.isArray(part)) return part.map(render).join('');
  if (typeof part === 'object') return part.markup;
  return escapeText(String(part));
}

/** A template whose values are escaped; attribute values must be in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  const markup = strings.map((text, at) => (at < parts.length ? text + render(parts[at]) : text)).join('');
  return { markup };
}

/** Markup of our own that holds no foreign text. */
export function trusted(markup: string): Html {
  return { markup };
}
