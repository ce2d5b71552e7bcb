/** The part of the logger that a forge uses. */
export interface ForgeLog {
  warn(fields: object, message: string): void;
}
