"use strict";
/* The search box: a combobox over communities and facilities, by name or code. */
(function (app) {
  var MOST = 9, index = null, indexed = "", found = [], active = -1;

  /* Townships, communities and facilities by name, code or the initials of their sounds. */
  function entries() {
    if (index && indexed === app.state.lang) { return index; }
    indexed = app.state.lang;
    var all = app.data.communities;
    index = app.data.townships.map(function (one, at) { return { words: one.name, key: (one.name + " " + one.code + " " + one.initials).toLowerCase(), kind: "map.township", change: { township: at } }; });
    all.code.forEach(function (code, row) {
      index.push({ words: app.communityName(row), key: (all.name[row] + " " + code + " " + all.initials[row]).toLowerCase(), kind: "map.community", change: { community: row } });
    });
    Object.keys(app.data.facilities).forEach(function (service) {
      var layer = app.data.facilities[service];
      layer.id.forEach(function (id, row) {
        index.push({ words: app.facilityName({ service: service, row: row }), key: (layer.name[row] + " " + id).toLowerCase(), service: service, change: { facility: { service: service, row: row } } });
      });
    });
    return index;
  }

  app.wireSearch = function () {
    var input = /** @type {HTMLInputElement} */ (document.getElementById("search-input")), list = document.getElementById("search-results");

    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function mark(place) {
      active = place;
      Array.prototype.forEach.call(list.children, function (item, at) { item.setAttribute("aria-selected", String(at === active)); });
      input.setAttribute("aria-activedescendant", "search-" + active);
    }

    function take(entry) {
      close();
      input.value = entry.words;
      app.choose(Object.assign({ fly: true, tab: "place" }, entry.change));
    }

    function look() {
      var wanted = input.value.trim().toLowerCase();
      app.empty(list);
      found = wanted ? entries().filter(function (entry) { return entry.key.indexOf(wanted) >= 0; }).slice(0, MOST) : [];
      found.forEach(function (entry, place) {
        var item = app.node("li");
        item.id = "search-" + place;
        item.setAttribute("role", "option");
        item.appendChild(app.node("bdi", "", entry.words));
        item.appendChild(app.node("small", "", entry.service ? app.serviceName(entry.service) : app.word(entry.kind)));
        item.addEventListener("mousedown", function (event) { event.preventDefault(); take(entry); });
        list.appendChild(item);
      });
      if (wanted && !found.length) { list.appendChild(app.node("li", "note", app.word("map.nothing-found"))); }
      list.hidden = !wanted;
      input.setAttribute("aria-expanded", String(Boolean(wanted)));
      if (found.length) { mark(0); }
    }

    input.addEventListener("input", look);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { close(); }
      if (!found.length || list.hidden) { return; }
      if (event.key === "ArrowDown") { mark((active + 1) % found.length); event.preventDefault(); }
      if (event.key === "ArrowUp") { mark((active + found.length - 1) % found.length); event.preventDefault(); }
      if (event.key === "Enter" && active >= 0) { take(found[active]); event.preventDefault(); }
    });
  };
}(lifecircle));
