/** The gateway's limit for one message. */
export const TEXT_LIMIT = 500;
/** From here on the counter shows. */
export const COUNTER_FROM = 400;

/** Length as the gateway counts it: characters (code points, so an emoji is one), spaces at both ends left out. */
export function textLength(text: string): number {
  return [...text.trim()].length;
}

/** True where the gateway would take the text: at least one visible character and not too long. */
export function isSendable(text: string): boolean {
  return /[^\s\p{Cc}\p{Cf}]/u.test(text) && textLength(text) <= TEXT_LIMIT;
}
