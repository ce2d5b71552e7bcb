import type { CelEnv, parse } from '@bufbuild/cel';
import { compilePattern, loopIteration, loopRange } from './functions.ts';
import { nearest } from './nearest.ts';

export type Parsed = ReturnType<typeof parse>;
type Expr = Parsed['expr'];

/** What is wrong with an expression, and its offset in characters (0-based). */
export interface Finding {
  message: string;
  offset: number;
}

/** Loops in an expression: they may be nested, which multiplies their iterations. */
const mostLoops = 8;

/** Built into the evaluator; every other function is in the environment's list. */
const special = new Set([
  '_[_]',
  '_?_:_',
  '_&&_',
  '_||_',
  '@not_strictly_false',
  '__not_strictly_false__',
  loopRange,
  loopIteration,
]);

/** Types that an expression may name: `type(spec.port) == int`. */
const types = ['bool', 'bytes', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type', 'uint'];

interface Scope {
  env: CelEnv;
  positions: Record<string, number>;
  variables: readonly string[];
  /** Variables of the enclosing loops. */
  inner: readonly string[];
  loops: { count: number };
}

/**
 * Finds the first part of a parsed expression that would fail at evaluation: an unknown variable or function, an invalid
 * pattern, too many loops. Also wraps loops with the functions that charge for them.
 */
export function inspect(parsed: Parsed, env: CelEnv, variables: readonly string[]): Finding | undefined {
  const positions = parsed.sourceInfo?.positions ?? {};
  return inspectExpr(parsed.expr, { env, positions, variables, inner: [], loops: { count: 0 } });
}

function inspectExpr(expr: Expr | undefined, scope: Scope): Finding | undefined {
  const kind = expr?.exprKind;
  switch (kind?.case) {
    case 'identExpr':
      return inspectName(kind.value.name, offsetOf(expr, scope), scope);
    case 'selectExpr':
      return inspectExpr(kind.value.operand, scope);
    case 'callExpr':
      return inspectCall(kind.value, offsetOf(expr, scope), scope);
    case 'listExpr':
      return first(kind.value.elements, scope);
    case 'structExpr':
      return inspectMap(kind.value, offsetOf(expr, scope), scope);
    case 'comprehensionExpr':
      return inspectLoop(kind.value, offsetOf(expr, scope), scope);
    default:
      return undefined;
  }
}

type Kind<Case> = Extract<Expr['exprKind'], { case: Case }> extends { value: infer Value } ? Value : never;

function first(list: readonly (Expr | undefined)[], scope: Scope): Finding | undefined {
  for (const expr of list) {
    const found = inspectExpr(expr, scope);
    if (found) return found;
  }
  return undefined;
}

function inspectName(name: string, offset: number, scope: Scope): Finding | undefined {
  const known = [...scope.variables, ...scope.inner];
  if (known.includes(name) || types.includes(name)) return undefined;
  const near = nearest(name, known);
  const others = near === '' ? `; there are ${scope.variables.join(', ')}` : near;
  return { message: `unknown variable "${name}"${others}`, offset };
}

function inspectCall(call: Kind<'callExpr'>, offset: number, scope: Scope): Finding | undefined {
  if (call.function === 'has') {
    return { message: 'has() takes one field, such as has(status.phase)', offset };
  }
  if (!special.has(call.function) && !scope.env.funcs.find(call.function)) {
    const known = [...scope.env.funcs].map(({ name }) => name).filter((name) => /^[a-z]/i.test(name));
    const near = nearest(call.function, [...known, 'has', 'all', 'exists', 'exists_one', 'map', 'filter']);
    return { message: `unknown function "${call.function}"${near}`, offset };
  }
  return (
    (call.function === 'matches' ? inspectPattern(call.args[0], offset) : undefined) ??
    first([call.target, ...call.args], scope)
  );
}

function inspectPattern(pattern: Expr | undefined, offset: number): Finding | undefined {
  const constant = pattern?.exprKind.case === 'constExpr' ? pattern.exprKind.value.constantKind : undefined;
  if (constant?.case !== 'stringValue') {
    return { message: 'matches() takes a pattern that is written out, such as matches("^v[0-9]+$")', offset };
  }
  try {
    compilePattern(constant.value);
    return undefined;
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error), offset };
  }
}

function inspectMap(struct: Kind<'structExpr'>, offset: number, scope: Scope): Finding | undefined {
  if (struct.messageName !== '') return { message: `unknown type "${struct.messageName}"`, offset };
  const keys = struct.entries.map(({ keyKind }) => (keyKind.case === 'mapKey' ? keyKind.value : undefined));
  return first([...keys, ...struct.entries.map(({ value }) => value)], scope);
}

function inspectLoop(loop: Kind<'comprehensionExpr'>, offset: number, scope: Scope): Finding | undefined {
  scope.loops.count += 1;
  if (scope.loops.count > mostLoops) {
    return { message: `more than ${mostLoops} of all, exists, exists_one, map and filter`, offset };
  }
  const within = { ...scope, inner: [...scope.inner, loop.accuVar, loop.iterVar] };
  const found =
    first([loop.iterRange, loop.accuInit], scope) ??
    first([loop.loopCondition, loop.loopStep, loop.result], within);
  if (loop.iterRange) loop.iterRange = charge(loopRange, loop.iterRange);
  if (loop.loopCondition) loop.loopCondition = charge(loopIteration, loop.loopCondition);
  return found;
}

/** The same expression, wrapped with one of the charging functions. */
function charge(name: string, expr: Expr): Expr {
  return {
    ...expr,
    exprKind: {
      case: 'callExpr',
      value: { $typeName: 'cel.expr.Expr.Call', function: name, args: [expr] },
    },
  };
}

function offsetOf(expr: Expr | undefined, scope: Scope): number {
  return scope.positions[String(expr?.id)] ?? 0;
}
