/** The texts of `Warning: 299 - "…"` headers (RFC 7234 5.5), as the API server sends them with an accepted object. */
export function warningsOf(header: string | string[] | undefined): string[] | undefined {
  if (header === undefined) return undefined;
  const lines = Array.isArray(header) ? header : [header];
  const texts = lines.flatMap((line) =>
    [...line.matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
      text.replace(/\\(.)/g, '$1'),
    ),
  );
  return texts.length > 0 ? [...new Set(texts)] : undefined;
}
