import { ChatElement } from "./chat-element";
import { Composer } from "./composer";
import { RatingForm } from "./rating-form";

/** What the shop's `<script>` tag runs: defines the element once, whatever number of times the script is on the page. */
const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.src) ChatElement.scriptOrigin = new URL(script.src).origin;

for (const [name, element] of [
  ["yingda-composer", Composer],
  ["yingda-rating-form", RatingForm],
  ["yingda-chat", ChatElement],
] as const) {
  if (!customElements.get(name)) customElements.define(name, element);
}
