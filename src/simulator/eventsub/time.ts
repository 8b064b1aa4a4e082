/** RFC 3339 in nanoseconds, as EventSub writes it. The last six digits carry nothing. */
export function timeOnWire(time: Date): string {
  return `${time.toISOString().slice(0, 23)}481516Z`;
}
