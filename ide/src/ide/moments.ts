// Days and times of the timeline in the person's own language and zone.
import { locale, words } from "../words/words";

const DAY = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const TIME = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });

/** "Today", "Yesterday", "Friday, November 21". */
export function dayWord(at: Date): string {
  const name = DAY.format(at);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (at.toDateString() === today.toDateString()) return words.durability.today;
  return at.toDateString() === yesterday.toDateString() ? words.durability.yesterday : name;
}

export function timeWord(at: Date): string {
  return TIME.format(at);
}
