/** Argument of the plain script, as JSON. */
export interface ScriptSettings {
  readonly files: readonly string[];
  readonly manifestFile: string;
  readonly width: number;
  readonly height: number;
  readonly databaseFile: string;
}

/** What it prints. */
export interface ScriptAnswer {
  readonly frames: number;
  readonly detections: number;
  readonly seconds: number;
}
