/** Deaths of a worker in a row, each while it worked for the same model, that open the breaker. */
const deathsToOpen = 3;

/** How long an open breaker keeps a model from work; doubled by each further death. */
const minRestMs = 10_000;
const maxRestMs = 300_000;

/** Keeps a model that kills its workers from killing them for ever. */
export class CircuitBreaker {
  private deathsInARow = 0;

  /** The model did its work. */
  reportSuccess(): void {
    this.deathsInARow = 0;
  }

  /**
   * A worker died while it worked for the model.
   * @returns how long the model must rest, in milliseconds; 0: it may go on
   */
  reportDeath(): number {
    this.deathsInARow++;
    return this.deathsInARow < deathsToOpen
      ? 0
      : Math.min(maxRestMs, minRestMs * 2 ** (this.deathsInARow - deathsToOpen));
  }
}
