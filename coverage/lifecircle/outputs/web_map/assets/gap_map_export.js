"use strict";
/* Files of what is seen: the table as CSV, the map as a picture. */
(function (app) {
  var word = app.word, LINE = 19;

  function save(name, blob) {
    var link = app.node("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  }

  /* What the map shows, of a divided one both sides. @param {string} between */
  function shownWords(between) {
    var state = app.state, sides = state.compare ? app.sidesShown().map(function (side) { return side.words; }).join(between) : "";
    return state.against ? sides : app.themeTitle(state.theme) + (sides ? word("map.colon") + sides : "");
  }

  /* What a file is called: study, rule and language, without what no file's name may hold. @param {string} kind */
  app.fileName = function (kind) {
    var parts = [app.cityName(), kind === "csv" ? app.themeTitle(app.toldRule()) : shownWords(" – "), app.state.lang];
    return parts.map(function (words) { return words.replace(/[\\/:*?<>|\x22\x27\u2018\u2019\u201c\u201d]+/g, "").trim().replace(/[\s,\uff0c\u00b7]+/g, "-"); }).filter(Boolean).join("_") + "." + kind;
  };

  app.saveTable = function () { save(app.fileName("csv"), new Blob([app.tableCsv()], { type: "text/csv;charset=utf-8" })); };

  /* One SVG of the map as an image, its patterns with it. */
  function loaded(element) {
    return new Promise(function (resolve) {
      var copy = element.cloneNode(true), box = element.getBoundingClientRect(), defs = document.getElementById("patterns");
      copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
      copy.removeAttribute("style");
      // what is folded away has no box, but a size of its own
      copy.setAttribute("width", box.width || element.getAttribute("width"));
      copy.setAttribute("height", box.height || element.getAttribute("height"));
      if (defs) { copy.insertBefore(defs.cloneNode(true), copy.firstChild); }
      var image = new Image();
      image.onload = function () { resolve({ image: image, box: box }); };
      image.onerror = function () { resolve(null); };
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
    });
  }

  /* Lines of the legend as they stand in the picture: one column, of a divided map one under each side. @returns {Element[][]} */
  function legendColumns() {
    /** @type {Element[]} */
    var common = Array.from(document.querySelectorAll("#point-legend li")), sides = Array.from(document.querySelectorAll("#legend .side-part"));
    if (!sides.length) { return [[].concat(Array.from(document.querySelectorAll("#legend li")), common)]; }
    return sides.map(function (side, at) { return [].concat(Array.from(side.querySelectorAll("li")), at ? [] : common); });
  }

  /* How tall the legend is in the picture. @param {any[][]} columns */
  function legendTall(columns) { return Math.max.apply(null, columns.map(function (lines) { return lines.length; })) * LINE + 32; }

  function lineWords(line) {
    var parts = Array.from(line.children).filter(function (part) { return part.tagName === "SPAN"; }).map(function (part) { return part.textContent; });
    return parts.filter(Boolean).join("  ") || line.textContent;
  }

  /* One column of the legend, a line each for what it holds, folded away on the page or not. @param {any[]} lines */
  function drawColumn(brush, left, top, lines) {
    var words = lines.map(lineWords), wide = 0;
    brush.font = "12px " + app.FONTS;
    words.forEach(function (said) { wide = Math.max(wide, Math.min(320, brush.measureText(said).width)); });
    brush.fillStyle = "#ffffff";
    brush.fillRect(left, top, wide + 52, lines.length * LINE + 32);
    brush.fillStyle = "#1d2329";
    brush.textBaseline = "middle";
    brush.font = "600 12.5px " + app.FONTS;
    brush.fillText(app.byId("legend-title").textContent, left + 8, top + 14, Math.max(wide + 36, 120));
    return lines.reduce(function (before, line, at) {
      var y = top + 24 + at * LINE, swatch = line.querySelector("svg");
      return before.then(function () { return swatch ? loaded(swatch) : null; }).then(function (one) {
        var size = swatch ? signSize(swatch) : [0, 0];
        if (one) { brush.drawImage(one.image, left + 8 + (26 - size[0]) / 2, y + (LINE - size[1]) / 2, size[0], size[1]); }
        brush.fillStyle = "#1d2329";
        brush.font = "12px " + app.FONTS;
        brush.fillText(words[at], left + (swatch ? 42 : 8), y + LINE / 2, 320);
      });
    }, Promise.resolve());
  }

  /* The divider of a divided map and the name at the top of each side. */
  function drawSides(brush, frame, top) {
    ["divider", "side-left", "side-right"].map(app.byId).forEach(function (element) {
      if (element.hidden) { return; }
      var box = element.getBoundingClientRect(), line = element.id === "divider", x = box.left - frame.left, y = box.top - frame.top + top;
      brush.fillStyle = line ? "#111111" : "#ffffff";
      brush.fillRect(line ? x + box.width / 2 - 1 : x, y, line ? 2 : box.width, box.height);
      if (line) { return; }
      brush.strokeStyle = "#111111";
      brush.lineWidth = 1;
      brush.strokeRect(x, y, box.width, box.height);
      brush.fillStyle = "#1d2329";
      brush.textBaseline = "middle";
      brush.font = "600 12.5px " + app.FONTS;
      brush.fillText(element.textContent, x + 9, y + box.height / 2, box.width - 18);
    });
  }

  /* The scale bar as it is on the map, in the lower left corner of the picture. */
  function drawScale(brush, bottom) {
    var bar = /** @type {HTMLElement} */ (document.querySelector(".leaflet-control-scale-line")), wide = bar ? bar.offsetWidth : 0;
    if (!wide) { return; }
    brush.fillStyle = "rgba(255, 255, 255, 0.85)";
    brush.fillRect(8, bottom - 28, wide, 20);
    brush.strokeStyle = "#333333";
    brush.lineWidth = 2;
    brush.beginPath();
    brush.moveTo(8, bottom - 20);
    brush.lineTo(8, bottom - 8);
    brush.lineTo(8 + wide, bottom - 8);
    brush.lineTo(8 + wide, bottom - 20);
    brush.stroke();
    brush.fillStyle = "#1d2329";
    brush.textBaseline = "middle";
    brush.font = "12px " + app.FONTS;
    brush.fillText(bar.textContent, 14, bottom - 18);
  }

  /* How wide and tall a sign is in a line of the legend. */
  function signSize(picture) {
    var wide = Number(picture.getAttribute("width")), tall = Number(picture.getAttribute("height")), scale = Math.min(1, 26 / wide, 18 / tall);
    return [wide * scale, tall * scale];
  }

  /**
   * The map as it is seen, its title above and its sources below.
   * @returns {Promise<HTMLCanvasElement>}
   */
  app.mapPicture = function () {
    var frame = app.byId("gap_map").getBoundingClientRect(), ratio = 2, head = 46, columns = legendColumns(), below = columns.length > 1 ? legendTall(columns) : 0, foot = 26 + below, canvas = document.createElement("canvas");
    canvas.width = frame.width * ratio;
    canvas.height = (frame.height + head + foot) * ratio;
    var brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    brush.scale(ratio, ratio);
    brush.fillStyle = "#ffffff";
    brush.fillRect(0, 0, frame.width, frame.height + head + foot);
    var panes = Array.from(document.querySelectorAll("#gap_map .leaflet-pane > svg, #gap_map .leaflet-pane > canvas, #gap_map .leaflet-marker-icon svg, #gap_map .north svg"));
    function depth(element) { var pane = element.closest(".leaflet-map-pane > .leaflet-pane"); return pane ? Number(window.getComputedStyle(pane).zIndex) || 0 : 9999; }
    panes.sort(function (a, b) { return depth(a) - depth(b); });
    return panes.reduce(function (before, element) {
      return before.then(function () {
        brush.save();
        if (app.state.compare && element.closest(".leaflet-compare-pane")) {
          brush.beginPath();
          brush.rect(frame.width * app.divided / 100, head, frame.width, frame.height);
          brush.clip();
        }
        if (element instanceof HTMLCanvasElement) {
          var box = element.getBoundingClientRect();
          if (element.width) { brush.drawImage(element, box.left - frame.left, box.top - frame.top + head, box.width, box.height); }
          return null;
        }
        return loaded(element).then(function (one) { if (one) { brush.drawImage(one.image, one.box.left - frame.left, one.box.top - frame.top + head, one.box.width, one.box.height); } });
      }).then(function () { brush.restore(); });
    }, Promise.resolve()).then(function () {
      drawScale(brush, head + frame.height);
      drawSides(brush, frame, head);
      brush.fillStyle = "#ffffff";
      brush.fillRect(0, 0, frame.width, head);
      brush.fillRect(0, head + frame.height, frame.width, foot);
      // over the map, or below a divided one
      return columns.reduce(function (before, lines, at) {
        return before.then(function () { return drawColumn(brush, 8 + at * frame.width / 2, head + (below ? frame.height : 8), lines); });
      }, Promise.resolve());
    }).then(function () {
      brush.fillStyle = "#1d2329";
      brush.textBaseline = "middle";
      brush.font = "600 17px " + app.FONTS;
      brush.fillText(app.studyTitle() + " · " + shownWords(" | "), 10, head / 2, frame.width - 20);
      brush.font = "11px " + app.FONTS;
      brush.fillText(app.byId("print-caption").textContent + "  " + app.byId("review-number").textContent, 10, head + frame.height + below + 13, frame.width - 20);
      return canvas;
    });
  };

  app.wireExport = function () {
    app.byId("png-button").addEventListener("click", function () {
      app.mapPicture().then(function (canvas) { canvas.toBlob(function (blob) { if (blob) { save(app.fileName("png"), blob); } }, "image/png"); });
    });
  };
}(lifecircle));
