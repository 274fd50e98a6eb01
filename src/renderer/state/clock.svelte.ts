/** The present for ages and countdowns: one tick a second for the whole window. */
export class Clock {
  #nowMs = $state(Date.now());

  get nowMs(): number {
    return this.#nowMs;
  }

  start(): () => void {
    const timer = setInterval(() => {
      this.#nowMs = Date.now();
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }
}
