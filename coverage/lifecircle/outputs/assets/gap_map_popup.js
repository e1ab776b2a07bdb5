"use strict";
/* What a click tells: a community with its shortfalls, or a facility. Built of nodes, never of markup. */
(function (app) {
  var node = app.node, word = app.word;

  function badge(mark) {
    var made = node("span", "badge badge-" + (mark === "-" ? "none" : mark), app.statusWords(mark));
    return made;
  }

  app.statusWords = function (mark) {
    var words = {
      m: word("status.met"),
      q: word("map.met-provisional"),
      s: word("status.short"),
      p: word("map.short-provisional"),
      d: word("status.no-data"),
      a: word("status.not-applicable"),
      r: word("status.report-only")
    };
    return words[mark] || word("map.no-finding");
  };

  function pair(list, name, value) {
    list.appendChild(node("dt", "", name));
    list.appendChild(node("dd", "", value));
  }

  function levelNote(theme) {
    return theme.level && theme.level !== "community" ? word("map.judged-at", { level: word("status." + theme.level) }) : "";
  }

  app.noteWords = function (number) {
    if (number === undefined || number === -1) { return ""; }
    return number === -2 ? word("map.note-in-table") : app.named(app.data.notes[number], "");
  };

  /* The chosen rule in this community: status, figure, target, what is missing, and the clause. */
  function ruleBlock(theme, row) {
    var made = node("section", "now"), list = node("dl", "figures"), mark = theme.status[row];
    var heading = node("h4", "", app.themeTitle(theme));
    made.appendChild(heading);
    made.appendChild(badge(mark));
    var value = (theme.value || [])[row], target = app.targetOf(theme, row);
    if (value !== null && value !== undefined) { pair(list, word("map.value"), app.figure(value, theme.unit)); }
    if (target !== null && target !== undefined) { pair(list, word("map.target"), app.targetWords(theme, target)); }
    if (app.isShort(mark)) {
      pair(list, word("map.deficit"), app.figure((theme.deficit || [])[row], theme.deficit_unit));
      var people = (theme.people || [])[row];
      if (people !== null && people !== undefined) { pair(list, word("map.people-short"), app.number(people, 0)); }
    }
    made.appendChild(list);
    [levelNote(theme), app.noteWords((theme.notes || [])[row])].forEach(function (words) {
      if (words) { made.appendChild(node("p", "note", words)); }
    });
    var rule = app.rule(theme), quote = node("details", "clause");
    quote.appendChild(node("summary", "", word("map.clause") + " " + (rule.clause || theme.clause || "")));
    quote.appendChild(node("blockquote", "", rule.quote || ""));
    if (theme.assumptions.length) { quote.appendChild(node("p", "note", word("map.assumptions") + " " + theme.assumptions.join("; "))); }
    made.appendChild(quote);
    return made;
  }

  /* Rules short here, the verdict of each first and its services below it. */
  function shortfalls(row) {
    var made = node("section"), list = node("ul", "shortfalls"), counts = { met: 0, other: 0 };
    app.data.themes.forEach(function (theme, place) {
      var mark = theme.status[row];
      if (mark === "m" || mark === "q") { counts.met += 1; }
      if ("da".indexOf(mark) >= 0) { counts.other += 1; }
      if (!app.isShort(mark)) { return; }
      var item = node("li", theme.service && app.hasVerdict(theme) ? "of-service" : ""), go = node("button", "link", app.themeTitle(theme));
      go.type = "button";
      go.addEventListener("click", function () { app.choose({ theme: app.data.themes[place], community: row, fly: false }); });
      item.appendChild(go);
      item.appendChild(node("span", "amount", app.figure((theme.deficit || [])[row], theme.deficit_unit)));
      [levelNote(theme), mark === "p" ? word("status.provisional") : ""].forEach(function (words) {
        if (words) { item.insertBefore(node("span", "mild", words), item.lastChild); }
      });
      list.appendChild(item);
    });
    made.appendChild(node("h4", "", word("map.falls-short", { n: app.number(list.childNodes.length) })));
    made.appendChild(list);
    made.appendChild(node("p", "note", word("map.others-here", { n: app.number(counts.met), number: app.number(counts.other) })));
    return made;
  }

  function minutesTable(row) {
    var services = Object.keys(app.data.minutes), made = node("details", "minutes");
    if (!services.length) { return null; }
    made.appendChild(node("summary", "", word("map.minutes")));
    var table = node("table"), head = node("tr");
    ["map.service", "map.median", "map.p90", "map.unreached"].forEach(function (key) { head.appendChild(node("th", "", word(key))); });
    table.appendChild(head);
    services.forEach(function (service) {
      var of = app.data.minutes[service], line = node("tr");
      line.appendChild(node("th", "", app.serviceName(service)));
      ["p50", "p90"].forEach(function (key) { line.appendChild(node("td", "", app.number((of[key] || [])[row], 1))); });
      line.appendChild(node("td", "", app.figure((of.unreached || [])[row], "share")));
      table.appendChild(line);
    });
    made.appendChild(table);
    return made;
  }

  function circleBlock(row) {
    var circles = app.data.circles;
    if (!circles.shape || !circles.shape[row]) { return null; }
    var made = node("details"), list = node("dl", "figures");
    made.appendChild(node("summary", "", word("map.circle-of", { minutes: app.number(circles.minutes[row]) })));
    pair(list, word("map.reached-street"), app.figure(circles.reached_km[row], "km"));
    pair(list, word("map.circle-area"), app.number(circles.area_km2[row], 2) + " km²");
    if (circles.tier[row]) { pair(list, word("map.tier"), word("status." + circles.tier[row])); }
    Object.keys(circles.inside).forEach(function (service) {
      pair(list, app.serviceName(service), app.number(circles.inside[service][row], 0));
    });
    made.appendChild(list);
    return made;
  }

  app.communityContent = function (row) {
    var all = app.data.communities, made = node("div", "community"), name = node("h3");
    name.appendChild(node("bdi", "", all.name[row] || all.code[row]));
    made.appendChild(name);
    var kind = all.kind[row] ? word("status." + all.kind[row]) + " · " : "";
    made.appendChild(node("p", "note", kind + all.code[row] + " · " + word("map.residents", { n: app.number(all.residents[row], 0) })));
    if (all.edge.indexOf(row) >= 0) { made.appendChild(node("p", "note warning", word("map.at-edge"))); }
    [ruleBlock(app.state.theme, row), shortfalls(row), minutesTable(row), circleBlock(row)].forEach(function (part) {
      if (part) { made.appendChild(part); }
    });
    return made;
  };

  app.facilityContent = function (service, row) {
    var layer = app.data.facilities[service], made = node("div", "facility"), name = node("h3"), list = node("dl", "figures");
    name.appendChild(node("bdi", "", layer.name[row] || layer.id[row]));
    made.appendChild(name);
    made.appendChild(node("p", "note", app.serviceName(service) + " · " + layer.id[row]));
    if (layer.closed.indexOf(row) >= 0) { made.appendChild(node("p", "note warning", word("map.not-public"))); }
    var community = layer.community[row];
    if (community >= 0) { pair(list, word("map.lies-in"), app.data.communities.name[community]); }
    if (layer.capacity && layer.capacity[row] !== null) { pair(list, word("map.capacity"), app.number(layer.capacity[row])); }
    if (layer.load && layer.load[row] !== null) { pair(list, word("map.load"), app.number(layer.load[row], 0)); }
    made.appendChild(list);
    return made;
  };

  /* The popup takes the focus, so that it is read out and its links can be reached; Escape gives it back. */
  app.openPopup = function (place, content) {
    var before = document.activeElement;
    if (!before.closest(".leaflet-popup")) { app.cameFrom = before; }
    var wide = Math.min(380, app.map.getSize().x - 48), tall = Math.max(160, app.map.getSize().y - 90);
    app.popup = L.popup({ maxWidth: wide, minWidth: Math.min(300, wide), maxHeight: tall, autoPanPadding: [12, 12] })
      .setLatLng(place).setContent(content).openOn(app.map);
    var close = app.popup.getElement().querySelector(".leaflet-popup-close-button");
    close.setAttribute("aria-label", word("map.close"));
    content.tabIndex = -1;
    content.setAttribute("role", "dialog");
    content.setAttribute("aria-label", content.querySelector("h3").textContent);
    content.focus({ preventScroll: true });
  };

  /* A short label that follows the pointer from community to community. */
  app.hinted = function (row, shape) {
    var theme = app.state.theme, mark = theme.status[row], content = node("span");
    content.appendChild(node("strong", "", app.data.communities.name[row] || app.data.communities.code[row]));
    content.appendChild(node("br"));
    var amount = app.isShort(mark) ? " " + app.figure((theme.deficit || [])[row], theme.deficit_unit) : "";
    content.appendChild(node("span", "", app.statusWords(mark) + amount));
    shape.unbindTooltip();
    shape.bindTooltip(content, { sticky: true }).openTooltip();
  };
}(lifecircle));
