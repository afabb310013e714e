// A picture opens alone, by a click, a tap or Enter: there it can be enlarged, and Back leads back.
for (const picture of document.querySelectorAll(".bd-article :is(.cell_output, figure) img")) {
  if (picture.src.startsWith("data:") || picture.closest("a, button, label")) continue;
  const link = document.createElement("a");
  link.href = picture.src;
  link.title = "Open this picture alone";
  picture.replaceWith(link);
  link.append(picture);
}
