"use strict";
/* Facilities as dots; those that a rule judges one by one as marks of their own shape for each status. */
(function (app) {
  var LOOKS = {
    s: { shape: "diamond", fill: "#7f2c04", edge: "#ffffff" },
    t: { shape: "diamond", fill: "#7f2c04", edge: "#ffffff" },
    p: { shape: "diamond", fill: "#ffffff", edge: "#7f2c04" },
    m: { shape: "dot", fill: "#0d559c", edge: "#ffffff" },
    n: { shape: "dot", fill: "#0d559c", edge: "#ffffff" },
    q: { shape: "dot", fill: "#ffffff", edge: "#0d559c" },
    d: { shape: "square", fill: "#ffffff", edge: "#6a6a6a" },
    a: { shape: "square", fill: "#ffffff", edge: "#b0b0b0" },
    r: { shape: "square", fill: "#8d86a0", edge: "#ffffff" },
    c: { shape: "square", fill: "#8a9178", edge: "#ffffff" }
  };

  /* Which finding of a theme is about which facility: "service/row" to its place, made once. */
  function placesIn(theme) {
    var about = theme.facilities;
    if (!theme.facilityPlaces) {
      theme.facilityPlaces = {};
      (about.row || []).forEach(function (row, at) { theme.facilityPlaces[about.services[about.service[at]] + "/" + row] = at; });
    }
    return theme.facilityPlaces;
  }

  app.judgedServices = function (theme) { return theme.facilities.services || []; };

  /* The finding about one facility, or null. */
  app.facilityFinding = function (theme, service, row) {
    var at = placesIn(theme)[service + "/" + row], about = theme.facilities;
    if (at === undefined) { return null; }
    return { status: about.status.charAt(at), value: about.value[at], target: about.target[at], deficit: about.deficit[at], people: about.people[at], note: about.notes[at], unit: Array.isArray(about.unit) ? about.unit[at] : about.unit, deficit_unit: about.deficit_unit, level: about.level };
  };

  function drawMark(brush, x, y, size, look) {
    brush.beginPath();
    if (look.shape === "dot") { brush.arc(x, y, size, 0, 7); }
    if (look.shape === "square") { brush.rect(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6); }
    if (look.shape === "diamond") {
      brush.moveTo(x, y - size * 1.5);
      brush.lineTo(x + size * 1.5, y);
      brush.lineTo(x, y + size * 1.5);
      brush.lineTo(x - size * 1.5, y);
      brush.closePath();
    }
    brush.fillStyle = look.fill;
    brush.strokeStyle = look.edge;
    brush.fill();
    brush.stroke();
  }

  /* One facility: the outline and letter of its service; hollow where it is not open to the public. */
  function drawService(brush, x, y, size, look, how) {
    var corners = app.corners(look.shape, x, y, how.lettered ? Math.max(size, 7) : size);
    brush.beginPath();
    if (corners.length) {
      corners.forEach(function (corner, at) { brush[at ? "lineTo" : "moveTo"](corner[0], corner[1]); });
      brush.closePath();
    } else { brush.arc(x, y, how.lettered ? Math.max(size, 7) : size, 0, 7); }
    brush.fillStyle = how.closed ? "#ffffff" : look.colour;
    brush.strokeStyle = how.closed ? look.colour : "#ffffff";
    brush.fill();
    if (!how.plain || how.closed) { brush.stroke(); }
    if (!how.lettered) { return; }
    brush.font = "700 9px sans-serif";
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.fillStyle = how.closed ? look.colour : "#ffffff";
    brush.fillText(look.letter, x, y + 0.5);
  }

  /* The mark of a service for the legend. */
  app.servicePicture = function (place, lettered, hollow) {
    var look = app.serviceLook(place), paint = { fill: hollow ? "#ffffff" : look.colour, stroke: hollow ? look.colour : "#ffffff", "stroke-width": hollow ? 1.5 : 1 }, picture = app.svg("svg", { width: 26, height: 18, viewBox: "0 0 26 18", "aria-hidden": "true", "class": "swatch" });
    var corners = app.corners(look.shape, 13, 9, 6.5);
    if (corners.length) { app.svg("polygon", Object.assign({ points: corners.join(" ") }, paint), picture); } else { app.svg("circle", Object.assign({ cx: 13, cy: 9, r: 6.5 }, paint), picture); }
    if (lettered) { app.svg("text", { x: 13, y: 12.4, "text-anchor": "middle", "font-size": 9, "font-weight": 700, fill: "#ffffff" }, picture).textContent = look.letter; }
    return picture;
  };

  /* The same mark for the legend. */
  app.markPicture = function (mark) {
    var look = LOOKS[mark], picture = app.svg("svg", { width: 26, height: 16, "aria-hidden": "true", "class": "swatch" });
    var paint = { fill: look.fill, stroke: look.edge === "#ffffff" ? "none" : look.edge, "stroke-width": 1.5 };
    if (look.shape === "dot") { app.svg("circle", Object.assign({ cx: 13, cy: 8, r: 5 }, paint), picture); }
    if (look.shape === "square") { app.svg("rect", Object.assign({ x: 9, y: 4, width: 8, height: 8 }, paint), picture); }
    if (look.shape === "diamond") { app.svg("path", Object.assign({ d: "M13 1 L20 8 L13 15 L6 8 Z" }, paint), picture); }
    return picture;
  };

  /* The mark of a status on the map, for units too small to be seen by their outline. */
  app.drawMark = function (brush, x, y, size, mark) {
    brush.lineWidth = 1.2;
    drawMark(brush, x, y, size, LOOKS[mark] || LOOKS.a);
  };

  app.marksShown = function (theme) {
    var counts = {};
    (theme.facilities.status || "").split("").forEach(function (mark) { counts[mark] = (counts[mark] || 0) + 1; });
    return counts;
  };

  /** Services whose facilities are drawn under a rule; the left side's where none is named. @param {Theme} [rule] */
  app.shownServices = function (rule) {
    var theme = rule || app.state.theme, own = app.servicesOf(theme);
    return own.concat(app.judgedServices(theme).filter(function (service) { return own.indexOf(service) < 0; }));
  };

  /* Many dots on a whole city would hide the colours that the map is about. */
  function tooMany(services) {
    return app.map.getZoom() < 14 && services.reduce(function (sum, service) { return sum + app.data.facilities[service].x.length; }, 0) > 300;
  }

  /* Whether the services shown wait for a closer look. */
  app.crowded = function (rule) {
    var services = app.shownServices(rule).filter(function (service) { return app.data.facilities[service]; });
    return services.length > 1 && tooMany(services);
  };

  app.drawFacilities = function (brush, map, size) {
    app.spots = [];
    app.writtenBoxes = [];
    app.inHalves(brush, size, function (half) { drawHalf(brush, map, size, half); });
  };

  function drawHalf(brush, map, size, half) {
    var theme = half.theme, services = app.shownServices(half.rule).filter(function (service) { return app.data.facilities[service]; });
    var zoom = map.getZoom(), crowded = tooMany(services);
    var radius = crowded ? 1.5 : zoom >= 14 ? 5 : zoom >= 12 ? 3.5 : 2.5, last = [];
    if (app.crowded(half.rule) && !app.judgedServices(theme).length) { return; }
    app.shownServices(half.rule).forEach(function (service, place) {
      var layer = app.data.facilities[service];
      if (!layer) { return; }
      layer.x.forEach(function (x, row) {
        var point = map.latLngToContainerPoint(app.place(x, layer.y[row], app.data.origin));
        if (point.x < half.from - 9 || point.y < -9 || point.x > half.to + 9 || point.y > size.y + 9) { return; }
        var found = app.facilityFinding(theme, service, row), closed = layer.closed.indexOf(row) >= 0;
        if (point.x >= half.from && point.x <= half.to) { app.spots.push({ point: point, service: service, row: row }); }
        brush.lineWidth = 1.2;
        if (found && app.isShort(found.status)) { last.push([point, found]); return; }
        var look = found ? LOOKS[found.status] : null;
        if (look) { drawMark(brush, point.x, point.y, Math.max(radius, 2.5), look); return; }
        drawService(brush, point.x, point.y, services.length > 1 && !crowded ? Math.max(radius, 4.5) : radius, app.serviceLook(place), { closed: closed, plain: crowded, lettered: services.length > 1 && zoom >= 13.5 && !crowded });
      });
    });
    last.forEach(function (entry) { drawShort(brush, entry[0], entry[1], Math.max(radius, 3.5), zoom); });
  }

  /* Short ones lie on top, and say by how much where there is room. */
  function drawShort(brush, point, found, size, zoom) {
    drawMark(brush, point.x, point.y, size, LOOKS[found.status]);
    if (zoom < 13 || found.value === null) { return; }
    brush.font = "600 11px " + app.FONTS;
    brush.textAlign = "left";
    brush.textBaseline = "middle";
    brush.lineWidth = 3;
    brush.strokeStyle = "rgba(255, 255, 255, 0.9)";
    var words = app.number(found.value) + (found.target === null ? "" : " / " + app.number(found.target));
    var box = [point.x - size * 1.5, point.y - 8, point.x + size * 1.5 + 6 + brush.measureText(words).width, point.y + 8];
    // one figure over another can be read by nobody
    if (app.writtenBoxes.some(function (other) { return box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]; })) { return; }
    brush.strokeText(words, point.x + size * 1.5 + 4, point.y);
    brush.fillStyle = "#7f2c04";
    brush.fillText(words, point.x + size * 1.5 + 4, point.y);
    app.writtenBoxes.push(box);
  }

  /* The facility drawn under a place of the map, within 9 pixels. */
  app.spotAt = function (latlng) {
    if (!app.map.hasLayer(app.layers.facilities)) { return null; }
    var at = app.map.latLngToContainerPoint(latlng), best = null, least = 9;
    app.spots.forEach(function (spot) {
      var distance = spot.point.distanceTo(at);
      if (distance < least) { least = distance; best = spot; }
    });
    return best;
  };
}(lifecircle));
