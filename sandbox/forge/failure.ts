/** A response other than success, thrown inside the forge and written by each face in its own form. */
export class ForgeFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ForgeFailure';
    this.status = status;
  }
}

export const notFound = (): ForgeFailure => new ForgeFailure(404, 'Not Found');
