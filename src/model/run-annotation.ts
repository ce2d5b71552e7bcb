/**
 * Marks which run of a hook, or of an object that every release replaces, an object is: the same in every attempt of
 * one release, another in the next release.
 */
export const runAnnotation = 'slipway.dev/hook-run';
