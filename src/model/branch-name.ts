/** Characters that no ref may hold, and sequences that none may contain. */
const forbidden = /[\s\p{Cc}~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|^@$|^-|\.$/u;

/** Longer than any file system of a Git server takes. */
const longest = 1000;

/**
 * Whether Git could have a branch of this name, by its own rule (https://git-scm.com/docs/git-check-ref-format, with
 * `--branch`). A name that is none must never reach a refspec or a command line.
 */
export function isBranchName(name: string): boolean {
  if (name === '' || name === 'HEAD' || name.length > longest) return false;
  if (!name.isWellFormed() || forbidden.test(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}
