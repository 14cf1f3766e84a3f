import { type Language, stringsOf } from "./strings";

/** Day heading of a message: 今天, 昨天, or the date; the year only where it is not this one. */
export function dayOf(at: string, language: Language, now = new Date()): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  const strings = stringsOf(language);
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (date.toDateString() === now.toDateString()) return strings.today;
  if (date.toDateString() === yesterday.toDateString()) return strings.yesterday;
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  return new Intl.DateTimeFormat(language, { ...year, month: "long", day: "numeric" }).format(date);
}

/** Time of day, hours and minutes, in the reader's time zone. */
export function timeOf(at: string, language: Language): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(date);
}

/** Date and time for lists such as tracking events; what is no full ISO 8601 time stays as the server wrote it. */
export function stampOf(at: string, language: Language): string {
  // Date would read "11-05 12:30" as a day of the year 2001.
  if (!/^\d{4}-\d{2}-\d{2}T/.test(at)) return at;
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const day = new Intl.DateTimeFormat(language, { month: "2-digit", day: "2-digit" }).format(date);
  return `${day} ${timeOf(at, language)}`;
}
