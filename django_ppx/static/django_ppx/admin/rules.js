/* Audience rules: only the comparisons that a trait knows, and a field that fits its values. */

const INPUT_TYPES = { number: "number", date: "date" };

function setUp(row, traits) {
  const trait = row.querySelector("select[name$='-trait']");
  const operator = row.querySelector("select[name$='-operator']");
  const value = row.querySelector("input[name$='-value']");
  if (!trait || !operator || !value || row.dataset.ppxRule) return;
  row.dataset.ppxRule = "ready";
  const all = [...operator.options].map((option) => option.cloneNode(true));
  const hint = document.createElement("p");
  hint.className = "help";
  hint.id = `${value.id}_ppx_hint`;
  value.setAttribute("aria-describedby", hint.id);
  value.after(hint);

  const fit = () => {
    const known = traits[trait.value];
    const chosen = operator.value;
    operator.replaceChildren(
      ...all.filter((option) => !option.value || !known || option.value in known.operators)
        .map((option) => option.cloneNode(true)),
    );
    if (known) {
      for (const option of operator.options) {
        if (option.value) option.textContent = known.operators[option.value].label;
      }
    }
    operator.value = [...operator.options].some((option) => option.value === chosen) ? chosen : "";
    const needsValue = !known || !operator.value || known.operators[operator.value].needsValue;
    value.hidden = !needsValue;
    hint.hidden = !needsValue || !known;
    hint.textContent = known ? known.hint : "";
    const type = (known && INPUT_TYPES[known.type]) || "text";
    if (value.type !== type) value.type = type;
    if (type === "number") value.step = "any";
  };
  trait.addEventListener("change", fit);
  operator.addEventListener("change", fit);
  fit();
}

document.querySelectorAll("[data-ppx-rules]").forEach((box) => {
  const traits = JSON.parse(box.dataset.ppxRules);
  const start = (root) => root.querySelectorAll("tr.form-row:not(.empty-form)").forEach((row) => setUp(row, traits));
  start(box);
  document.addEventListener("formset:added", (event) => {
    if (box.contains(event.target)) setUp(event.target, traits);
  });
});
