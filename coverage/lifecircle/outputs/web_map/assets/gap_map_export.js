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

  app.saveTable = function () { save(app.state.theme.rule + ".csv", new Blob([app.tableCsv()], { type: "text/csv;charset=utf-8" })); };

  /* One SVG of the map as an image, its patterns with it. */
  function loaded(element) {
    return new Promise(function (resolve) {
      var copy = element.cloneNode(true), box = element.getBoundingClientRect(), defs = document.getElementById("patterns");
      copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
      copy.removeAttribute("style");
      copy.setAttribute("width", box.width);
      copy.setAttribute("height", box.height);
      if (defs) { copy.insertBefore(defs.cloneNode(true), copy.firstChild); }
      var image = new Image();
      image.onload = function () { resolve({ image: image, box: box }); };
      image.onerror = function () { resolve(null); };
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
    });
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
    }, Promise.resolve()).then(function () {
      brush.fillStyle = "#ffffff";
      brush.fillRect(0, 0, frame.width, head);
      brush.fillRect(0, head + frame.height, frame.width, foot);
      brush.fillStyle = "#1d2329";
      brush.textBaseline = "middle";
      brush.font = "600 17px " + app.FONTS;
      brush.fillText(app.cityName() + " · " + app.themeTitle(app.state.theme), 10, head / 2, frame.width - 20);
      brush.font = "11px " + app.FONTS;
      brush.fillText(app.byId("print-caption").textContent + "  " + app.byId("review-number").textContent, 10, head + frame.height + foot / 2, frame.width - 20);
      return canvas;
    });
  };

  app.wireExport = function () {
    app.byId("png-button").addEventListener("click", function () {
      app.mapPicture().then(function (canvas) { canvas.toBlob(function (blob) { if (blob) { save(app.state.theme.rule + ".png", blob); } }, "image/png"); });
    });
  };
}(lifecircle));
