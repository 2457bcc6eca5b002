/* Copies a secret that is shown once. Without this script it can be marked and copied by hand. */

document.querySelectorAll("[data-ppx-secret]").forEach((button) => {
  const source = document.getElementById(button.dataset.ppxSecret);
  if (!source || !navigator.clipboard) return;
  const before = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = button.dataset.ppxDone;
    setTimeout(() => (button.textContent = before), 2000);
  });
});
