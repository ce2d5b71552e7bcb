import { boolYaml11Tag, CORE_SCHEMA, defineScalarTag, mergeTag, NOT_RESOLVED, type Schema } from 'js-yaml';

const numberStart = ['-', '+', '.', ...'0123456789'];
const GO_INTEGER = /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const GO_FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const SPECIAL = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;

/** A number that JavaScript would round: refused, because the cluster would silently get another one. */
export class InexactNumber extends Error {
  readonly source: string;

  constructor(source: string) {
    super(`the number ${source} cannot be kept exactly; quote it if it is a text`);
    this.name = 'InexactNumber';
    this.source = source;
  }
}

/** As Go's ParseInt with base 0 after go-yaml has dropped the underscores: `0644` and `0o644` are octal. */
const goInteger = defineScalarTag<number>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: numberStart,
  resolve: (source) => {
    const plain = source.replaceAll('_', '');
    if (source.startsWith('_') || !GO_INTEGER.test(plain)) return NOT_RESOLVED;
    const value = parseGoInteger(plain);
    if (!Number.isSafeInteger(value)) throw new InexactNumber(source);
    return value;
  },
  identify: (value) => Number.isInteger(value),
});

const goFloat = defineScalarTag<number>('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: numberStart,
  resolve: (source) => {
    if (SPECIAL.test(source)) return specialFloat(source);
    const plain = source.replaceAll('_', '');
    return !source.startsWith('_') && GO_FLOAT.test(plain) ? Number(plain) : NOT_RESOLVED;
  },
  identify: (value) => typeof value === 'number' && !Number.isInteger(value),
});

/**
 * The scalar rules of kubectl, which reads YAML with sigs.k8s.io/yaml (a fork of go-yaml v2): YAML 1.1 booleans
 * (`yes`, `on`), merge keys, Go's integers; dates and `22:22` stay texts.
 * https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go
 */
export const kubernetesSchema: Schema = CORE_SCHEMA.withTags(boolYaml11Tag, mergeTag, goInteger, goFloat);

function parseGoInteger(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  const octal = /^0([0-7]+)$/.exec(digits);
  const value = octal ? Number(`0o${octal[1]}`) : Number(digits);
  return value === 0 ? 0 : sign * value;
}

function specialFloat(source: string): number {
  if (/nan/i.test(source)) return Number.NaN;
  return source.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
