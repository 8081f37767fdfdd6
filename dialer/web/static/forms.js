// On every page: nothing decides that was not meant.

// Enter in a field presses a form's first button. Each form begins with one that cannot be pressed, but from
// a list of choices or a time a browser goes on to the next, and that one decides. A log-in is meant by Enter.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("form[method=post]:not([data-enter-sends]) :is(input, select)")) event.preventDefault();
});
