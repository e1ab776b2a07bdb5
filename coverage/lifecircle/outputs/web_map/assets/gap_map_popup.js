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

  /* What the scenario chosen makes of it, whichever side the map shows. */
  function turnBlock(theme, row) {
    var change = app.changeAt(theme, row);
    if (!change) { return []; }
    var made = node("dl", "figures turn");
    pair(made, word("map.before-after"), app.turnWords(change.before, change.after));
    [["value", "map.value", theme.unit], ["deficit", "map.deficit", theme.deficit_unit], ["people", "map.people-short", "persons"]].forEach(function (figure) {
      var before = (theme[figure[0]] || [])[row], after = change[figure[0]];
      if (before !== after && after !== null) { pair(made, word(figure[1]), app.figure(before, figure[2]) + " → " + app.figure(after, figure[2])); }
    });
    return [made];
  }

  /* The chosen rule in this community: status, figure, target, what is missing, and the clause. */
  function ruleBlock(base, row) {
    var theme = app.seen(base), made = node("section", "now"), list = node("dl", "figures"), mark = theme.status[row];
    made.appendChild(node("h4", "", app.themeTitle(theme)));
    made.appendChild(badge(mark));
    turnBlock(base, row).forEach(function (part) { made.appendChild(part); });
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
    app.data.themes.forEach(function (base, place) {
      var theme = app.seen(base), mark = theme.status[row];
      if (mark === "m" || mark === "q") { counts.met += 1; }
      if ("da".indexOf(mark) >= 0) { counts.other += 1; }
      if (!app.isShort(mark)) { return; }
      var item = node("li", theme.service && app.hasVerdict(theme) ? "of-service" : ""), go = node("button", "link", app.themeTitle(theme));
      go.type = "button";
      go.addEventListener("click", function () { app.choose({ theme: app.data.themes[place], community: row, fly: false }); });
      var holder = node("span", "rule-name");
      holder.appendChild(go);
      var mild = [levelNote(theme), mark === "p" ? word("status.provisional") : ""].filter(Boolean).join(" · ");
      if (mild) { holder.appendChild(node("span", "mild", mild)); }
      item.appendChild(holder);
      item.appendChild(node("span", "amount", app.figure((theme.deficit || [])[row], theme.deficit_unit)));
      list.appendChild(item);
    });
    made.appendChild(node("h4", "", word("map.falls-short", { n: app.number(list.childNodes.length) })));
    made.appendChild(list);
    made.appendChild(node("p", "note", word("map.others-here", { n: app.number(counts.met), number: app.number(counts.other) })));
    return made;
  }

  /* Facility nearest to most residents, as a link to it. */
  function nearestCell(service, row) {
    var cell = node("td", "nearest"), layer = app.data.facilities[service], seat = (app.data.minutes[service].nearest || [])[row];
    if (seat === undefined || seat < 0 || !layer) { cell.textContent = word("map.unknown"); return cell; }
    var go = node("button", "link");
    go.type = "button";
    go.appendChild(node("bdi", "", layer.name[seat] || layer.id[seat]));
    go.addEventListener("click", function () { app.showFacility(service, seat); });
    cell.appendChild(go);
    return cell;
  }

  function minutesTable(row) {
    var services = Object.keys(app.data.minutes), made = node("details", "minutes"), own = app.servicesOf(app.state.theme);
    if (!services.length) { return null; }
    services.sort(function (a, b) { return (own.indexOf(b) >= 0) - (own.indexOf(a) >= 0); });
    made.open = services.some(function (service) { return own.indexOf(service) >= 0; });
    made.appendChild(node("summary", "", word("map.minutes")));
    var table = node("table"), head = node("tr");
    ["map.service", "map.median", "map.p90", "map.unreached", "map.nearest"].forEach(function (key) {
      var cell = node("th", "", word(key));
      cell.scope = "col";
      head.appendChild(cell);
    });
    table.appendChild(head);
    services.forEach(function (service) {
      var of = app.data.minutes[service], line = node("tr"), name = node("th", "", app.serviceName(service));
      name.scope = "row";
      line.appendChild(name);
      ["p50", "p90"].forEach(function (key) { line.appendChild(node("td", "", app.number((of[key] || [])[row], 1))); });
      line.appendChild(node("td", "", app.figure((of.unreached || [])[row], "share")));
      line.appendChild(nearestCell(service, row));
      table.appendChild(line);
    });
    made.appendChild(table);
    made.appendChild(node("p", "note", word("map.nearest-note")));
    return made;
  }

  function circleBlock(row) {
    var circles = app.data.circles;
    if (!circles.shape || !circles.shape[row]) { return null; }
    var made = node("details"), list = node("dl", "figures");
    made.appendChild(node("summary", "", word("map.circle-of", { minutes: app.number(circles.minutes[row]) })));
    pair(list, word("map.reached-street"), app.figure(circles.reached_km[row], "km"));
    pair(list, word("map.left-out"), app.figure((circles.left_out_share || [])[row], "share"));
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
    name.appendChild(node("bdi", "", app.communityName(row)));
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
    facilityRules(service, row).forEach(function (part) { made.appendChild(part); });
    return made;
  };

  /* Every rule that judges this facility or its catchment, the one shown first, those short before those met. */
  function facilityRules(service, row) {
    var id = app.data.facilities[service].id[row], found = [];
    app.data.themes.forEach(function (theme) {
      (theme.facilities.services || []).forEach(function (other) {
        var seat = other === service ? row : app.data.facilities[other].id.indexOf(id);
        var finding = seat < 0 ? null : app.facilityFinding(theme, other, seat);
        if (finding) { found.push([theme, finding]); }
      });
    });
    function weight(entry) { return (entry[0] === app.state.theme ? 0 : 10) + "spdmqra".indexOf(entry[1].status); }
    found.sort(function (a, b) { return weight(a) - weight(b); });
    return found.map(function (entry) { return facilityRule(entry[0], entry[1]); });
  }

  function facilityRule(theme, finding) {
    var made = node("section", "now"), list = node("dl", "figures");
    made.appendChild(node("h4", "", app.themeTitle(theme)));
    made.appendChild(badge(finding.status));
    if (finding.value !== null) { pair(list, word(finding.level === "catchment" ? "map.load-now" : "map.value"), app.figure(finding.value, finding.unit)); }
    if (finding.target !== null) { pair(list, word("map.target"), app.targetWords(theme, finding.target, finding.unit)); }
    if (app.isShort(finding.status)) { pair(list, word("map.deficit"), app.figure(finding.deficit, finding.deficit_unit)); }
    if (app.isShort(finding.status) && finding.people !== null) { pair(list, word("map.people-short"), app.number(finding.people, 0)); }
    made.appendChild(list);
    if (app.noteWords(finding.note)) { made.appendChild(node("p", "note", app.noteWords(finding.note))); }
    return made;
  }

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
    var theme = app.state.view, mark = theme.status[row], content = node("span");
    content.appendChild(node("strong", "", app.communityName(row)));
    content.appendChild(node("br"));
    var change = app.changeAt(app.state.theme, row), amount = app.isShort(mark) ? " " + app.figure((theme.deficit || [])[row], theme.deficit_unit) : "";
    content.appendChild(node("span", "", (change ? app.turnWords(change.before, change.after) : app.statusWords(mark)) + amount));
    shape.unbindTooltip();
    shape.bindTooltip(content, { sticky: true }).openTooltip();
  };
}(lifecircle));
