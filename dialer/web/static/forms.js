// On every page: nothing decides that was not meant.

// Enter in a field presses a form's first button. Each form begins with one that cannot be pressed, but from
// a list of choices or a time a browser goes on to the next, and that one decides.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("form[method=post] :is(input, select)")) event.preventDefault();
});
