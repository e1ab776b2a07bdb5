"use strict";
/* A divided map: two rules, or one before and after; each side has its name, colours, labels, marks and pins. */
(function (app) {
  var word = app.word, asked = 0;
  app.divided = 50;

  /* What the right side of a divided map shows: another rule, or the same one under the scenario. */
  function rightSide() {
    var against = app.state.against;
    return against ? app.seen(against) : app.state.view;
  }

  /* Both sides of a divided map: what each is called, its rule, how that is shown and coloured. */
  app.sidesShown = function () {
    var state = app.state, right = rightSide(), against = state.against, names = against ? [app.themeTitle(state.theme), app.themeTitle(right)] : app.sideNames();
    return [
      { words: names[0], rule: state.theme, theme: against ? state.view : state.theme, measure: state.measure, before: !against },
      { words: names[1], rule: against || state.theme, theme: right, measure: state.measure === "minutes" && !app.hasMinutes(right) ? "deficit" : state.measure }
    ];
  };

  /* Where the divider stands, in pixels from the left. */
  function cut(size) { return size.x * app.divided / 100; }

  /**
   * What each part of the map shows, and from where to where in pixels: one part, or both sides of a divided map.
   * @param {{ x: number, y: number }} size
   */
  app.halves = function (size) {
    if (!app.state.compare) { return [{ words: "", rule: app.state.theme, theme: app.state.view, measure: app.state.measure, from: 0, to: size.x }]; }
    return app.sidesShown().map(function (side, at) { return Object.assign({}, side, { from: at ? cut(size) : 0, to: at ? size.x : cut(size) }); });
  };

  /* Draws what each half shows, none of it beyond the half. */
  app.inHalves = function (brush, size, draw) {
    app.halves(size).forEach(function (half) {
      brush.save();
      if (app.state.compare) {
        brush.beginPath();
        brush.rect(half.from, 0, half.to - half.from, size.y);
        brush.clip();
      }
      draw(half);
      brush.restore();
    });
  };

  /* The half that a place of the map lies in, as it is seen now. */
  app.halfAt = function (latlng) {
    var halves = app.halves(app.map.getSize());
    return halves[halves.length - 1].from <= app.map.latLngToContainerPoint(latlng).x ? halves[halves.length - 1] : halves[0];
  };

  /* Which of two rules is asked for where the map is clicked; undefined where there are no two. */
  app.sideAt = function (latlng) {
    return app.state.against ? app.halfAt(latlng).rule === app.state.against ? "right" : "left" : undefined;
  };

  /* The other side of a divided map: the same communities, cut off left of the divider. */
  app.drawCompared = function () {
    var right = app.sidesShown()[1];
    app.layers.compare.clearLayers();
    document.body.classList.toggle("comparing", app.state.compare);
    if (app.byId("divider").hidden && app.state.compare) { app.divided = 50; }
    app.byId("divider").hidden = !app.state.compare;
    ["left", "right"].forEach(function (side, at) {
      var label = app.byId("side-" + side);
      label.hidden = !app.state.compare;
      label.textContent = app.sidesShown()[at].words;
    });
    if (!app.state.compare) { return; }
    app.shapes.forEach(function (shape, row) {
      var copy = L.polygon(shape.getLatLngs(), { renderer: app.compareRenderer, pane: "compare", fillOpacity: 1, interactive: false, color: app.border(right.theme.status[row]).color, weight: 1, fillColor: app.lookAt(right.theme, right.measure, row) });
      app.layers.compare.addLayer(copy);
    });
    app.divide();
  };

  /* Cuts the upper map at the divider, wherever the map has been moved; names stand at the top of their sides. */
  app.divide = function () {
    if (!app.state.compare) { return; }
    var size = app.map.getSize(), corner = app.map.containerPointToLayerPoint([0, 0]), at = cut(size);
    var left = corner.x + at, top = corner.y, right = corner.x + size.x, bottom = corner.y + size.y;
    app.map.getPane("compare").style.clip = "rect(" + [top, right, bottom, left].map(function (one) { return Math.round(one) + "px"; }).join(",") + ")";
    app.byId("divider").style.left = app.divided + "%";
    app.byId("divider").setAttribute("aria-valuenow", String(Math.round(app.divided)));
    app.byId("side-left").style.maxWidth = Math.max(0, at - 28) + "px";
    app.byId("side-right").style.left = at + 20 + "px";
    app.byId("side-right").style.maxWidth = Math.max(0, size.x - at - 76) + "px";
  };

  /* Moves the divider; what each side holds of its own follows with the next picture. @param {number} share */
  app.divideAt = function (share) {
    app.divided = Math.max(0, Math.min(100, share));
    app.divide();
    if (!asked) { asked = window.requestAnimationFrame(function () { asked = 0; app.drawSides(); }); }
  };

  /* What stands over the figures of panel and table: which side they are of, and where there are two rules the way to the other. */
  app.sideTold = function () {
    if (!app.state.compare) { return null; }
    var made = app.node("div", "side-told"), sides = app.sidesShown();
    if (!app.state.against) {
      made.appendChild(app.node("p", "note", word("map.figures-of-after", { name: sides[1].words, before: sides[0].words })));
      return made;
    }
    made.appendChild(app.node("p", "note", word("map.figures-of")));
    ["left", "right"].forEach(function (side, at) {
      var go = app.link(word("map.side." + side) + word("map.colon") + sides[at].words, function () { app.choose({ side: side }); }, "chip");
      go.setAttribute("aria-pressed", String(app.state.side === side));
      made.appendChild(go);
    });
    return made;
  };

  /* A legend that docks below a divided map, or leaves it again, gives the map another size: who saw all of it does so in its middle. @param {boolean} [moved] */
  app.makeRoom = function (moved) {
    var whole = app.seesAll();
    /** @type {HTMLElement} */ (document.querySelector(".map-frame")).style.setProperty("--below", app.byId("key").offsetHeight + "px");
    app.map.invalidateSize({ animate: false, pan: false });
    if (whole && (moved || !app.seesAll())) { app.showAll(); }
    app.divide();
  };

  app.wireSides = function () {
    var divider = app.byId("divider");
    app.map.on("move moveend zoomend resize", function () { app.divide(); });
    // places stay, the divider stays in the frame: what lies on which side has changed
    app.map.on("moveend", function () { if (app.state.compare) { app.drawSides(); } });
    app.byId("key").addEventListener("toggle", function () { if (app.state.compare) { app.makeRoom(); } });
    function to(x) {
      var frame = app.byId("gap_map").getBoundingClientRect();
      app.divideAt(100 * (x - frame.left) / frame.width);
    }
    divider.addEventListener("pointerdown", function (event) {
      divider.setPointerCapture(event.pointerId);
      divider.onpointermove = function (moved) { to(moved.clientX); };
      divider.onpointerup = function () { divider.onpointermove = null; };
    });
    divider.addEventListener("keydown", function (event) {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") { return; }
      app.divideAt(app.divided + (event.key === "ArrowLeft" ? -5 : 5));
      event.preventDefault();
    });
  };
}(lifecircle));
