/**
 * The portal's only script. A link with `data-ask` leads to the page that names the ways to ask; where the widget is
 * there, it opens that instead, with the question asked, or empty.
 */
import "./portal.css";

interface Widget extends HTMLElement {
  show(): void;
  ask(question: string): void;
}

document.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest<HTMLElement>("[data-ask]");
  const widget = document.querySelector<Partial<Widget> & HTMLElement>("consult-12367");
  if (!link || !widget?.show || !widget.ask) return;
  event.preventDefault();
  const question = link.dataset["ask"];
  if (question) widget.ask(question);
  else widget.show();
});
