/** What evaluations may still cost, in steps of about a microsecond; shared by expressions that belong together. */
export interface Budget {
  left: number;
}

export function createBudget(steps: number): Budget {
  return { left: steps };
}

/** An expression exceeded its budget. */
export class BudgetError extends Error {
  constructor() {
    super('costs too much: it walks through too many values');
    this.name = 'BudgetError';
  }
}

/** Takes `steps` from the budget; throws BudgetError if it is used up. */
export function spend(budget: Budget, steps: number): void {
  budget.left -= steps;
  if (budget.left < 0) throw new BudgetError();
}
