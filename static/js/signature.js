// A signature drawn with the finger: the strokes go with the form, the server draws the picture.
const WIDTH = 1000;
const HEIGHT = 400;
const STEP = 4;
const MOST_LETTERS = 38000;

function begin(box) {
  const input = box.querySelector("[data-signature-strokes]");
  const canvas = box.querySelector("canvas");
  const pen = canvas.getContext("2d");
  let strokes = input.value
    ? input.value.split(";").map((stroke) => stroke.split(" ").map((point) => point.split(",").map(Number)))
    : [];
  let current = null;

  function draw() {
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    pen.lineWidth = 6;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#000";
    for (const stroke of strokes) {
      pen.beginPath();
      pen.moveTo(...stroke[0]);
      stroke.forEach(([x, y]) => pen.lineTo(x, y));
      pen.stroke();
    }
  }

  function place(event) {
    const frame = canvas.getBoundingClientRect();
    const x = Math.round(((event.clientX - frame.left) * WIDTH) / frame.width);
    const y = Math.round(((event.clientY - frame.top) * HEIGHT) / frame.height);
    return [Math.min(WIDTH, Math.max(0, x)), Math.min(HEIGHT, Math.max(0, y))];
  }

  function keep() {
    input.value = strokes.map((stroke) => stroke.map((point) => point.join(",")).join(" ")).join(";");
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (input.value.length > MOST_LETTERS) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    current = [place(event)];
    strokes.push(current);
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!current) return;
    const [x, y] = place(event);
    const [a, b] = current.at(-1);
    if (Math.abs(x - a) + Math.abs(y - b) < STEP) return;
    current.push([x, y]);
    draw();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, () => {
      if (!current) return;
      current = null;
      keep();
    });
  }
  box.querySelector("[data-signature-clear]").addEventListener("click", () => {
    strokes = [];
    keep();
    draw();
  });
  box.hidden = false;
  draw();
}

document.querySelectorAll("[data-signature]").forEach(begin);
