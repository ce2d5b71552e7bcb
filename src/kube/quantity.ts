const exponents = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const small = new Map([
  ['m', 1e-3],
  ['u', 1e-6],
  ['n', 1e-9],
]);

/**
 * Compares two quantities such as `1Gi` and `1024Mi`: negative if the first is less. NaN if one is not a quantity
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity).
 */
export function compareQuantities(one: string, other: string): number {
  return amountOf(one) - amountOf(other);
}

function amountOf(text: string): number {
  const [, number = '', suffix = ''] =
    /^([+-]?\d*\.?\d+|[+-]?\d+\.)([a-zA-Z]{0,2}|[eE][+-]?\d+)$/.exec(text) ?? [];
  if (number === '') return Number.NaN;
  return Number(number) * factorOf(suffix);
}

function factorOf(suffix: string): number {
  if (/^[eE][+-]?\d+$/.test(suffix)) return Number(`1${suffix}`);
  if (exponents.includes(suffix)) return 1_000 ** exponents.indexOf(suffix);
  if (binary.includes(suffix)) return 1_024 ** binary.indexOf(suffix);
  return small.get(suffix) ?? Number.NaN;
}
