import type { Outgoing } from "./outbox";
import type { Message } from "./protocol";

/** A bubble: a confirmed message, or one of the customer's that is still on its way. */
export type Entry =
  | { readonly kind: "message"; readonly key: string; readonly message: Message; readonly buttonsLive: boolean }
  | { readonly kind: "outgoing"; readonly key: string; readonly outgoing: Outgoing };

/** What the log shows, oldest first. A message keeps its key when it is confirmed, so that its bubble stays the same. */
export function transcript(messages: readonly Message[], outgoing: readonly Outgoing[]): Entry[] {
  const answered = answeredTitles(messages, outgoing);
  const newestTurn = [...messages].reverse().find(isReply)?.reply_to;
  const entries: Entry[] = messages.map((message, index) => ({
    kind: "message",
    key: message.client_message_id ?? message.id,
    message,
    buttonsLive:
      message.buttons.length > 0 &&
      // Several bubbles may answer one message; only a reply to another message makes the buttons old.
      (message.reply_to !== null ? message.reply_to === newestTurn : !messages.slice(index + 1).some(isReply)) &&
      !message.buttons.some((button) => answered(message, button.title)),
  }));
  for (const item of outgoing) entries.push({ kind: "outgoing", key: item.clientMessageId, outgoing: item });
  return entries;
}

/** Tells whether the customer has said a button's title after the message that offers it; a failed try does not count. */
function answeredTitles(messages: readonly Message[], outgoing: readonly Outgoing[]) {
  const onTheirWay = new Set(outgoing.filter((item) => item.failure === null).map((item) => item.shownText));
  return (offer: Message, title: string): boolean =>
    onTheirWay.has(title) ||
    messages.some((said) => said.sender === "customer" && said.seq > offer.seq && said.text === title);
}

function isReply(message: Message): boolean {
  return message.sender === "bot" || message.sender === "agent";
}
