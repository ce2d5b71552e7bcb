export interface BuildState {
  /** Packages in all. */
  total: number;
  /** Packages that an earlier, interrupted build had compiled. */
  startedWith: number;
  compiled: number;
  /** Since this build started. */
  seconds: number;
  cores: number;
}

/** A core compiles about this many packages a second, while there is no rate of our own to go by. */
const PACKAGES_PER_CORE_SECOND = 2.8;
const ENOUGH_TO_JUDGE = 100;

/** One line: how far a build is and how long it will still take. */
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

/** The lines to begin with when units are missing from the cache: what will happen, and how long it takes. */
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
