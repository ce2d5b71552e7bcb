import { type HealthTable, readyOrFailing } from '../table.ts';

export const onePassword: HealthTable = {
  project: '1Password Operator',
  sources: ['https://github.com/1Password/onepassword-operator/blob/main/api/v1/onepassworditem_types.go'],
  kinds: { 'OnePasswordItem.onepassword.com': readyOrFailing },
};
