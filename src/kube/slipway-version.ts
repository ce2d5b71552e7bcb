import manifest from '../../package.json' with { type: 'json' };

/** Semantic version of this Slipway. */
export const slipwayVersion: string = manifest.version;
