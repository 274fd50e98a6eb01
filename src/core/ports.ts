/** Time is handed in. `monoMs` never jumps (deadlines, durations); `epochMs` is what people read on a wall. */
export interface Clock {
  monoMs(): number;
  epochMs(): number;
}
