// Panel refresh, shortcuts, values under the pointer. Every page works without.
(() => {
  const $ = (sel, root = document) => root.querySelector(sel);
  const $$ = (sel, root = document) => [...root.querySelectorAll(sel)];
  const panels = () => $$('section.panel[id]');

  // Opening the menu and clicking elsewhere closes it.
  document.addEventListener('click', (e) => {
    for (const menu of $$('details.menu[open]')) if (!menu.contains(e.target)) menu.open = false;
    const button = e.target.closest('button.refresh');
    if (button) refresh(button.closest('.panel'));
  });

  const dress = (panel) => {
    const take = $('.take', panel);
    if (take && panel.id !== 'metric') {
      const item = document.createElement('li');
      item.innerHTML = '<button type="button" class="plain refresh">Refresh</button>';
      take.prepend(item);
    }
    $$('[data-buckets]', panel).forEach((plot) => hover(panel, plot));
  };

  const refresh = async (panel) => {
    panel.setAttribute('aria-busy', 'true');
    const open = $$('details[open]', panel).map((d) => d.className);
    try {
      const answer = await fetch(location.href, { headers: { 'rollcall-panel': panel.id } });
      if (answer.redirected) return location.reload();
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = $('section.panel', page);
      for (const kind of open) { const d = $(`details.${kind}`, fresh); if (d) d.open = true; }
      panel.replaceWith(fresh);
      dress(fresh);
      fresh.focus({ preventScroll: true });
    } catch {
      panel.removeAttribute('aria-busy');
      const told = $('.state.offline', panel) || panel.insertBefore(document.createElement('p'), panel.children[1]);
      told.className = 'state failed offline';
      told.setAttribute('role', 'alert');
      told.textContent = "The server didn't answer. What is shown is older.";
    }
  };

  // The row of the table that belongs to the bucket under the pointer.
  const hover = (panel, plot) => {
    const rows = $$('details.table tbody tr', panel);
    const heads = $$('details.table thead th', panel).map((th) => th.textContent);
    const count = Number(plot.dataset.buckets);
    if (!count || rows.length !== count) return;
    const tip = document.createElement('div');
    tip.className = 'tip';
    tip.hidden = true;
    const drawing = plot.closest('.drawing');
    drawing.append(tip);
    drawing.addEventListener('pointermove', (e) => {
      const box = plot.getBoundingClientRect();
      const share = (e.clientX - box.left) / box.width;
      if (share < 0 || share > 1) return void (tip.hidden = true);
      const cells = [...rows[Math.min(count - 1, Math.floor(share * count))].cells];
      tip.replaceChildren(...cells.map((cell, i) => {
        const line = document.createElement(i ? 'span' : 'b');
        line.textContent = i ? `${heads[i]} ${cell.textContent}` : cell.textContent;
        return line;
      }));
      tip.hidden = false;
      const outer = drawing.getBoundingClientRect();
      const left = e.clientX - outer.left + 14;
      tip.style.left = `${left + tip.offsetWidth > outer.width ? Math.max(0, left - tip.offsetWidth - 28) : left}px`;
    });
    drawing.addEventListener('pointerleave', () => { tip.hidden = true; });
  };

  const step = (by) => {
    const all = panels();
    const at = all.findIndex((p) => p.contains(document.activeElement));
    const to = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    if (to) { to.focus({ preventScroll: true }); to.scrollIntoView({ block: 'start' }); }
  };
  const toggle = (kind) => {
    const panel = document.activeElement.closest?.('.panel') || panels()[0];
    const details = panel && $(`details.${kind}`, panel);
    if (details) details.open = !details.open;
  };
  const actions = {
    '/': () => { const f = $('details.filters'); if (f) { f.open = true; $('input', f).focus(); } },
    '[': () => $('[data-key="["]')?.click(),
    ']': () => $('[data-key="]"]')?.click(),
    j: () => step(1),
    k: () => step(-1),
    t: () => toggle('table'),
    s: () => toggle('sql'),
    '?': () => { const h = $('#keys'); if (h) { h.open = !h.open; $('summary', h).focus(); } },
  };
  document.addEventListener('keydown', (e) => {
    if (e.key === 'Escape') for (const d of $$('details.menu[open], details.filters[open]')) d.open = false;
    if (document.documentElement.dataset.keys === 'off') return;
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.('input, select, textarea')) return;
    const act = actions[e.key];
    if (act) { e.preventDefault(); act(); }
  });

  panels().forEach(dress);
  // Paper has no buttons: tables open for printing, and close again.
  let closed = [];
  addEventListener('beforeprint', () => {
    closed = $$('details.table:not([open])');
    closed.forEach((d) => { d.open = true; });
  });
  addEventListener('afterprint', () => closed.forEach((d) => { d.open = false; }));
})();
