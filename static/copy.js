// A button beside an address to copy: it copies, and says so. Without it, one selects and copies by hand.
export function copyButton(input) {
  if (!navigator.clipboard) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "nhsuk-button nhsuk-button--secondary app-copy";
  button.textContent = "Copy the link";
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    input.select();
    try {
      await navigator.clipboard.writeText(input.value);
      said.textContent = " Copied.";
    } catch {
      said.textContent = " It is selected: copy it with your keyboard.";
    }
  });
  input.after(button, said);
}
