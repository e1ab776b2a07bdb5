"use strict";
/* Files of what is seen: the table as CSV, the map as a picture. */
(function (app) {
  function save(name, blob) {
    var link = app.node("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  }

  /* What a file is called: study, rule and language, without what no file's name may hold. @param {string} kind */
  app.fileName = function (kind) {
    var parts = [app.cityName(), app.themeTitle(app.state.theme), app.state.lang];
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

  /* The legend in the upper left corner of the picture, a line each for what it holds, folded away on the page or not. */
  function drawLegend(brush, top) {
    var lines = Array.from(document.querySelectorAll("#legend li, #point-legend li")), high = 19, wide = 0;
    var words = lines.map(function (line) { return Array.from(line.children).filter(function (part) { return part.tagName === "SPAN"; }).map(function (part) { return part.textContent; }).filter(Boolean).join("  ") || line.textContent; });
    brush.font = "12px " + app.FONTS;
    words.forEach(function (said) { wide = Math.max(wide, Math.min(320, brush.measureText(said).width)); });
    brush.fillStyle = "#ffffff";
    brush.fillRect(8, top + 8, wide + 52, lines.length * high + 32);
    brush.fillStyle = "#1d2329";
    brush.textBaseline = "middle";
    brush.font = "600 12.5px " + app.FONTS;
    brush.fillText(app.byId("legend-title").textContent, 16, top + 22, wide + 36);
    return lines.reduce(function (before, line, at) {
      var y = top + 32 + at * high, swatch = line.querySelector("svg");
      return before.then(function () { return swatch ? loaded(swatch) : null; }).then(function (one) {
        var size = swatch ? signSize(swatch) : [0, 0];
        if (one) { brush.drawImage(one.image, 16 + (26 - size[0]) / 2, y + (high - size[1]) / 2, size[0], size[1]); }
        brush.fillStyle = "#1d2329";
        brush.font = "12px " + app.FONTS;
        brush.fillText(words[at], swatch ? 50 : 16, y + high / 2, 320);
      });
    }, Promise.resolve());
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
    var frame = app.byId("gap_map").getBoundingClientRect(), ratio = 2, head = 46, foot = 26, canvas = document.createElement("canvas");
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
        if (element instanceof HTMLCanvasElement) {
          var box = element.getBoundingClientRect();
          if (element.width) { brush.drawImage(element, box.left - frame.left, box.top - frame.top + head, box.width, box.height); }
          return null;
        }
        return loaded(element).then(function (one) { if (one) { brush.drawImage(one.image, one.box.left - frame.left, one.box.top - frame.top + head, one.box.width, one.box.height); } });
      });
    }, Promise.resolve()).then(function () { return drawLegend(brush, head); }).then(function () {
      drawScale(brush, head + frame.height);
      brush.fillStyle = "#ffffff";
      brush.fillRect(0, 0, frame.width, head);
      brush.fillRect(0, head + frame.height, frame.width, foot);
      brush.fillStyle = "#1d2329";
      brush.textBaseline = "middle";
      brush.font = "600 17px " + app.FONTS;
      brush.fillText(app.studyTitle() + " · " + app.themeTitle(app.state.theme), 10, head / 2, frame.width - 20);
      brush.font = "11px " + app.FONTS;
      brush.fillText(app.byId("print-caption").textContent + "  " + app.byId("review-number").textContent, 10, head + frame.height + foot / 2, frame.width - 20);
      return canvas;
    });
  };

  app.wireExport = function () {
    app.byId("png-button").addEventListener("click", function () {
      app.mapPicture().then(function (canvas) { canvas.toBlob(function (blob) { if (blob) { save(app.fileName("png"), blob); } }, "image/png"); });
    });
  };
}(lifecircle));
