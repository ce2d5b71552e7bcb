/** A place in the author's files; `line` is 1-based. */
export interface SourcePlace {
  file: string;
  line?: number | undefined;
  /** The file that may change the content on its way to the cluster: a kustomization. */
  through?: string | undefined;
}

/** `file:line`, or the file alone. */
export function describePlace({ file, line }: SourcePlace): string {
  return line === undefined ? file : `${file}:${line}`;
}
