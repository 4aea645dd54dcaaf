/** What every estimate is shown with: the range that the truth lies in, as far as the data can tell. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}
