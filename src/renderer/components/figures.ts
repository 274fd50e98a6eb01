/** A column of a table of figures: its name, and what it says of a row. */
export interface FigureColumn<Row> {
  readonly name: string;
  readonly text: (row: Row) => string;
  /** Numbers stand to the right, words to the left. */
  readonly isWords?: boolean;
  /** Classes of the cell. */
  readonly look?: (row: Row) => string | false;
  /** What the name means, on hover or focus. */
  readonly hint?: string;
}
