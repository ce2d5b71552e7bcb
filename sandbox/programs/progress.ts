export interface BuildState {
  /** Number of packages. */
  total: number;
  /** Packages that an interrupted build had compiled before. */
  startedWith: number;
  compiled: number;
  /** Since this build started. */
  seconds: number;
  cores: number;
}

/** Packages that a core compiles in a second, used until this build has a rate of its own. */
const PACKAGES_PER_CORE_SECOND = 2.8;
const ENOUGH_TO_JUDGE = 100;

/** One line with the progress of a build and the time that it still needs. */
export function buildProgress({ total, startedWith, compiled, seconds, cores }: BuildState): string {
  const done = compiled - startedWith;
  const rate = done < ENOUGH_TO_JUDGE ? PACKAGES_PER_CORE_SECOND * cores : done / seconds;
  const left = (total - compiled) / rate;
  const percent = Math.floor((100 * compiled) / total);
  return `building: ${percent} % (${compiled} of ${total} packages), about ${inWords(left)} left`;
}

function inWords(seconds: number): string {
  if (seconds < 50) return `${Math.max(10, Math.ceil(seconds / 10) * 10)} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** The first lines if units are missing from the cache: what happens next, and how long it takes. */
export function firstWords(
  missing: readonly { name: string; version: string }[],
  cacheDir: string,
): string[] {
  const names = missing.map(({ name, version }) => `${name} ${version}`).join(', ');
  return [
    `first start: ${cacheDir} lacks ${names}. They are kept there, so the next start takes seconds`,
    'official releases are fetched if they can be reached: about 0.4 GB, a few minutes at most',
    'otherwise they are built with Go: about 6 minutes on two cores, 0.6 GB to fetch, 5 GB of disk meanwhile',
  ];
}
