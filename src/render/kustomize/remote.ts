/**
 * Whether Kustomize would take the text for the address of a Git repository or a file on the web: an http(s), ssh or file
 * scheme, `user@host`, or GitHub by name, each also behind `git::`. It asks this before it looks at the disk for a
 * folder, so such a name is remote even where a folder of that name exists.
 * https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/git/repospec.go
 */
export function isRemote(written: string): boolean {
  return /^(git::)*((ssh|https?|file):\/\/|[a-z][a-z0-9-]*@|github\.com[/:])/i.test(written);
}

/** The address without credentials that somebody may have written into it. */
export function withoutCredentials(written: string): string {
  return written.replace(/\/\/[^/@\s]+@/, '//');
}
