/* What is left to do with <ppx-offers>: give it the order's token, and say something where there are no offers. */
import { askForToken, orderToken, say } from "./token.js";

const token = orderToken();

document.addEventListener("ppx-offers:shown", () => say(""));
document.addEventListener("ppx-offers:empty", () => say("There is nothing for this order right now."));
document.addEventListener("ppx-offers:failed", () => askForToken("The shop shows nothing for this token."));

if (token) {
  const offers = document.createElement("ppx-offers");
  offers.setAttribute("order-token", token);
  offers.setAttribute("heading", "For you");
  offers.append(Object.assign(document.createElement("p"), { className: "note", textContent: "One moment …" }));
  document.querySelector("[data-place]").append(offers);
} else {
  askForToken();
}
