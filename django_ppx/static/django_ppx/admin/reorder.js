/* Dragging offers into order. Without this script the arrows do it. */

const box = document.querySelector("[data-ppx-reorder]");
const address = box?.dataset.ppxReorder;
const body = box?.querySelector("#result_list tbody");
const status = document.querySelector("[data-ppx-reorder-status]");
let dragged = null;

const idOf = (row) => row.querySelector("[data-ppx-grip]")?.dataset.ppxGrip;
const order = () => [...body.rows].map(idOf).filter(Boolean).join(",");

async function save(before) {
  const data = new FormData();
  data.set("order", order());
  data.set("csrfmiddlewaretoken", document.querySelector("#changelist-form [name=csrfmiddlewaretoken]").value);
  try {
    const answer = await fetch(address, { method: "POST", body: data, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    status.textContent = box.dataset.ppxReorderDone;
  } catch {
    before.forEach((row) => body.append(row));
    status.textContent = box.dataset.ppxReorderFailed;
  }
}

if (address && body) {
  body.querySelectorAll("[data-ppx-grip]").forEach((grip) => {
    grip.dataset.ppxReady = "";
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const row = grip.closest("tr");
      const before = [...body.rows];
      dragged = row;
      row.classList.add("ppx-dragged");
      const move = (moved) => {
        const over = [...body.rows].find((other) => {
          const place = other.getBoundingClientRect();
          return moved.clientY >= place.top && moved.clientY < place.bottom;
        });
        if (!over || over === dragged) return;
        const place = over.getBoundingClientRect();
        over[moved.clientY < place.top + place.height / 2 ? "before" : "after"](dragged);
      };
      // Watched on the document: a row that moves in the page loses the pointer it captured.
      const watch = new AbortController();
      const drop = () => {
        watch.abort();
        row.classList.remove("ppx-dragged");
        dragged = null;
        if (before.some((other, at) => other !== body.rows[at])) save(before);
      };
      document.addEventListener("pointermove", move, { signal: watch.signal });
      document.addEventListener("pointerup", drop, { signal: watch.signal });
      document.addEventListener("pointercancel", drop, { signal: watch.signal });
    });
  });
}
