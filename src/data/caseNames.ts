/** What tells cases apart, or brings them together, besides what they hold. */
export interface CaseNames {
  /** What each case is called, where the file says it; else cases are counted from 1. */
  ids?: string[];
  /** What each case shares with others, such as the person: parts that are split off share none. */
  groups?: string[];
}
