/*
 * The order's token comes behind the # of the address, which browsers send to no server. It leaves the address at once
 * and stays in this tab alone. A real front end gets it from its own backend: POST orders/ answers with it.
 */
const KEY = "order-token";
const form = document.querySelector("[data-ask]");
const said = document.querySelector("[data-said]");

export function orderToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEY) || "";
}

export function say(text) {
  said.textContent = text;
}

/* Ask for a token, and say why. */
export function askForToken(text = "") {
  form.hidden = false;
  say(text);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, form.elements.token.value.trim());
  location.reload();
});
addEventListener("hashchange", () => location.reload());
