import type { Outgoing } from "./outbox";
import type { Message } from "./protocol";

/** A bubble: a confirmed message, or one of the customer's that is still on its way. */
export type Entry =
  | { readonly kind: "message"; readonly key: string; readonly message: Message; readonly buttonsLive: boolean }
  | { readonly kind: "outgoing"; readonly key: string; readonly outgoing: Outgoing };

/**
 * What the log shows, oldest first. A message keeps its key when it is confirmed, so that its bubble stays the same.
 * Buttons are live until one of them is used (`pressed`: ids of messages) or the bot has said something newer.
 */
export function transcript(
  messages: readonly Message[],
  outgoing: readonly Outgoing[],
  pressed: ReadonlySet<string>,
): Entry[] {
  const newestTurn = [...messages].reverse().find(isReply)?.reply_to;
  const entries: Entry[] = messages.map((message, index) => ({
    kind: "message",
    key: message.client_message_id ?? message.id,
    message,
    buttonsLive:
      !pressed.has(message.id) &&
      // Several bubbles may answer one message; only a reply to another message makes the buttons old.
      (message.reply_to !== null ? message.reply_to === newestTurn : !messages.slice(index + 1).some(isReply)),
  }));
  for (const item of outgoing) entries.push({ kind: "outgoing", key: item.clientMessageId, outgoing: item });
  return entries;
}

function isReply(message: Message): boolean {
  return message.sender === "bot" || message.sender === "agent";
}
