/** A number as people read it: three significant digits below 100, whole from there on. */
export function figure(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}

export const percent = (share: number): string => `${figure(share * 100)} %`;
