// SPDX-License-Identifier: GPL-3.0-or-later
// The page at /: search the library, look up a link, download three at a time.
// Files go straight from the server to the browser's own downloads; the page only asks how far they are.

const PAGE_SIZE = 50;
const PARALLEL = 3;
const TYPING_PAUSE_MS = 200;
const POLL_MS = 1000;
// A download that the server never saw begin: the browser or the person refused it.
const BEGIN_LIMIT_MS = 60000;

const $ = (selector, root = document) => root.querySelector(selector);
const make = (id) => $(`#t-${id}`).content.firstElementChild.cloneNode(true);

function say(id, text, bad = false) {
  const note = $(`#${id}`);
  note.textContent = text;
  note.classList.toggle('bad', bad);
}

/** JSON of `path`; throws an Error with the server's own sentence, and `retryAfter` (s) where it asks to wait. */
async function ask(path, options) {
  let reply;
  try {
    reply = await fetch(path, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Error('StreamForge cannot be reached. Is it running?');
  }
  const body = await reply.json().catch((error) => {
    if (error.name === 'AbortError') throw error;
    return null;
  });
  if (reply.ok && body !== null) return body;
  const error = new Error(body?.message ?? `The server answered ${reply.status}.`);
  error.retryAfter = Number(reply.headers.get('Retry-After')) || 0;
  throw error;
}

const extract = (url, quality = 'best') => ask('/api/extract', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ url, options: { quality } }),
});

function sizeText(bytes) {
  if (!bytes) return '';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${(bytes / 1000 ** power).toFixed(power > 2 ? 1 : 0)} ${units[power]}`;
}

function timeText(seconds) {
  if (!seconds) return '';
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/* ---- Downloads ------------------------------------------------------------------------------ */

const queue = [];

/** Our own links only: whatever an answer holds is never opened elsewhere. */
function localLink(url) {
  const link = new URL(url, location.href);
  if (!link.pathname.startsWith('/api/stream') && !link.pathname.startsWith('/strm/'))
    throw new Error('The answer holds no link of this server.');
  return new URL(link.pathname + link.search, location.origin);
}

/** The link is asked for when its turn comes: it expires, and asking is counted. */
async function linkOf(entry) {
  const answer = entry.fresh ?? await extract(entry.url, entry.quality);
  entry.fresh = null;
  if (!entry.stream) return answer.selected_stream_url;
  const stream = answer.streams.find((one) => String(one.id) === entry.stream);
  if (!stream) throw new Error('this quality is no longer offered');
  return stream.url;
}

/** What is in the queue outlives a reload of the page; what the browser saves meanwhile goes on by itself. */
function remember() {
  const kept = queue.map(({ name, url, quality, stream, state, key }) => ({ name, url, quality, stream, state, key }));
  try {
    sessionStorage.setItem('queue', JSON.stringify(kept));
  } catch { /* no storage here: then a reload empties the queue */ }
}

function restore() {
  let kept = [];
  try {
    kept = JSON.parse(sessionStorage.getItem('queue')) ?? [];
  } catch { /* as above */ }
  for (const entry of kept) {
    const state = entry.state === 'asking' ? 'waiting' : entry.state;
    add({ ...entry, state, since: Date.now(), isRestored: state === 'begun' });
  }
  pump();
  watch();
}

/** Puts a download in the queue: what `url` offers in `quality`, or its `stream`. `fresh`: an answer that is at hand. */
function enqueue(wish) {
  add({ ...wish, state: 'waiting', key: crypto.getRandomValues(new Uint32Array(3)).join('-') });
  pump();
}

function add(entry) {
  const row = make('download');
  entry.row = row;
  $('.name', row).textContent = entry.name;
  $('.act', row).addEventListener('click', () => act(entry));
  $('#queue').append(row);
  $('#downloads').hidden = false;
  queue.push(entry);
  show(entry);
}

const LABELS = {
  waiting: 'waiting', asking: 'preparing', begun: 'starting', active: '', done: 'done', failed: 'failed', stopped: 'stopped',
};
const isBusy = (entry) => ['asking', 'begun', 'active'].includes(entry.state);
const isOver = (entry) => ['done', 'failed', 'stopped'].includes(entry.state);

function show(entry, detail = '') {
  const state = $('.state', entry.row);
  const bar = $('progress', entry.row);
  const button = $('.act', entry.row);
  state.textContent = [LABELS[entry.state], detail].filter(Boolean).join(': ');
  state.className = `state ${entry.state === 'failed' ? 'bad' : entry.state === 'done' ? 'good' : ''}`;
  bar.hidden = !isBusy(entry);
  if (entry.state !== 'active') bar.removeAttribute('value');
  bar.setAttribute('aria-label', entry.name);
  button.hidden = isBusy(entry) || entry.state === 'done';
  button.textContent = entry.state === 'waiting' ? 'Remove' : 'Try again';
  button.setAttribute('aria-label', `${button.textContent}: ${entry.name}`);
  remember();
}

function act(entry) {
  entry.state = entry.state === 'waiting' ? 'stopped' : 'waiting';
  show(entry);
  pump();
}

/** Starts waiting downloads while fewer than three run. */
function pump() {
  while (queue.filter(isBusy).length < PARALLEL) {
    const next = queue.find((entry) => entry.state === 'waiting' && !(entry.notBefore > Date.now()));
    if (!next) return;
    begin(next);
  }
}

async function begin(entry) {
  entry.state = 'asking';
  show(entry);
  try {
    const link = localLink(await linkOf(entry));
    link.searchParams.set('dl', entry.key);
    const anchor = document.createElement('a');
    anchor.href = link;
    anchor.download = '';
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    entry.state = 'begun';
    entry.since = Date.now();
    show(entry);
    watch();
  } catch (error) {
    if (error.retryAfter) postpone(entry, error.retryAfter * 1000);
    else fail(entry, error.message);
    pump();
  }
}

function fail(entry, message) {
  entry.state = 'failed';
  show(entry, message);
}

/** Too many questions in a minute, or no connection free: its turn comes again. */
function postpone(entry, ms) {
  entry.state = 'waiting';
  entry.isRestored = false;
  entry.notBefore = Date.now() + ms;
  show(entry);
  setTimeout(pump, ms + 50);
}

let watching = 0;
function watch() {
  if (!watching) watching = setInterval(poll, POLL_MS);
}

async function poll() {
  const asked = queue.filter((entry) => entry.state === 'begun' || entry.state === 'active');
  if (!asked.length) {
    clearInterval(watching);
    watching = 0;
    return;
  }
  const keys = asked.map((entry) => entry.key).join(',');
  const rows = await ask(`/api/stream/progress?dl=${keys}`).catch(() => []);
  for (const entry of asked) follow(entry, rows.find((row) => row.dl === entry.key));
  pump();
}

/** What the server says of one download. */
function follow(entry, row) {
  if (!row) {
    if (entry.isRestored) postpone(entry, 0); // the reload came before the browser had asked
    else if (Date.now() - entry.since >= BEGIN_LIMIT_MS) fail(entry, 'the browser did not begin it');
    return;
  }
  entry.state = { active: 'active', done: 'done', stopped: 'stopped' }[row.state] ?? 'failed';
  if (row.total) $('progress', entry.row).value = row.bytes / row.total;
  show(entry, entry.state === 'active' ? progressText(entry, row) : row.message ?? '');
}

/** "37 % · 1.2 GB · 8 MB/s · 12 min left"; the speed is smoothed, because one second jumps about. */
function progressText(entry, { bytes, total }) {
  const now = performance.now();
  const passed = (now - entry.lookedAt) / 1000;
  if (passed > 0 && bytes >= entry.bytes) {
    const rate = (bytes - entry.bytes) / passed;
    entry.rate = entry.rate ? entry.rate + 0.3 * (rate - entry.rate) : rate;
  }
  entry.lookedAt = now;
  entry.bytes = bytes;
  const left = total && entry.rate > 0 ? (total - bytes) / entry.rate : 0;
  return [
    total ? `${Math.floor(100 * bytes / total)} %` : '',
    sizeText(bytes),
    entry.rate >= 1 ? `${sizeText(entry.rate)}/s` : '',
    left >= 1 ? `${timeText(left)} left` : '',
  ].filter(Boolean).join(' · ');
}

$('#clear').addEventListener('click', () => {
  for (const entry of queue.filter(isOver)) {
    entry.row.remove();
    queue.splice(queue.indexOf(entry), 1);
  }
  remember();
  $('#downloads').hidden = !queue.length;
});

/* ---- Offers: what an extraction answered ---------------------------------------------------- */

function offerText(stream) {
  const parts = [stream.quality === 'unknown' ? 'Original' : stream.quality, stream.format?.toUpperCase(), sizeText(stream.size)];
  if (!stream.has_video) parts.push('sound only');
  if (!stream.has_audio) parts.push('no sound');
  return parts.filter(Boolean).join(' · ');
}

/** A picker with its button; `download` gets the value that was chosen. */
function offer(options, download) {
  const box = make('offer');
  $('select', box).append(...options);
  $('button', box).addEventListener('click', () => download($('select', box).value));
  return box;
}

/** What a page offers. Its links expire: a later try asks anew. */
function pageOffer(answer, url) {
  let fresh = answer;
  const options = answer.streams.map((stream) =>
    new Option(offerText(stream), stream.id, false, stream.url === answer.selected_stream_url));
  return offer(options, (stream) => {
    enqueue({ name: answer.title, url, stream, fresh });
    fresh = null;
  });
}

/** Qualities of a film, each once. */
function filmOffer(film) {
  const names = [...new Set(film.variants.map((variant) => variant.quality).filter((name) => name !== 'unknown'))];
  const options = [new Option('Best quality', 'best'), ...names.map((name) => new Option(name, name))];
  const title = film.year ? `${film.title} (${film.year})` : film.title;
  return offer(options, (quality) => enqueue({ name: title, url: `streamforge:movie/${film.id}`, quality }));
}

/* ---- Library -------------------------------------------------------------------------------- */

let search = null;
let shown = 0;

const searchValues = () => new FormData($('#search'));

async function find(append = false) {
  search?.abort();
  const mine = new AbortController();
  search = mine;
  const values = searchValues();
  const kind = values.get('kind');
  if (!append) shown = 0;
  const query = new URLSearchParams({ q: values.get('q').trim(), offset: shown, limit: PAGE_SIZE });
  try {
    const answer = await ask(`/api/library/${kind}?${query}`, { signal: mine.signal });
    if (mine !== search) return; // an older answer that came after a newer question
    if (!append) $('#titles').replaceChildren();
    $('#titles').append(...answer.items.map((item) => titleRow(item, kind)));
    shown += answer.items.length;
    $('#more').hidden = shown >= answer.total;
    say('library-note', noteFor(answer.total, values));
  } catch (error) {
    if (mine === search && error.name !== 'AbortError') say('library-note', error.message, true);
  }
}

function noteFor(total, values) {
  const film = total === 1 ? 'film' : 'films';
  const what = values.get('kind') === 'movies' ? film : 'series';
  if (total) return `${total.toLocaleString()} ${what}`;
  return values.get('q').trim() ? `No ${what} with this title.` : `Your accounts have no ${what} yet.`;
}

function titleRow(item, kind) {
  const row = make('title');
  const head = $('.head', row);
  $('.name', row).textContent = item.title;
  $('.facts', row).textContent = [item.year, item.rating ? `★ ${item.rating}` : ''].filter(Boolean).join(' · ');
  head.addEventListener('click', () => toggle(row, head, () => (kind === 'movies' ? openFilm : openSeries)(item)));
  return row;
}

async function toggle(row, head, load) {
  const body = $('.body', row);
  body.hidden = !body.hidden;
  head.setAttribute('aria-expanded', String(!body.hidden));
  if (body.hidden || body.childElementCount) return;
  body.textContent = 'Looking it up…';
  try {
    body.replaceChildren(...await load());
  } catch (error) {
    body.replaceChildren(paragraph(error.message));
  }
}

function paragraph(text) {
  const element = document.createElement('p');
  element.textContent = text;
  return element;
}

function details(item) {
  const facts = [timeText(item.duration_s), item.genre].filter(Boolean).join(' · ');
  return [facts, item.plot].filter(Boolean).map(paragraph);
}

async function openFilm(item) {
  const film = await ask(`/api/library/movie/${item.id}`);
  return [...details(film), filmOffer(film)];
}

async function openSeries(item) {
  const series = await ask(`/api/library/series/${item.id}`);
  const boxes = series.seasons.map(({ season, episodes }) => seasonBox(series.title, season, episodes));
  return [...details(series), ...(boxes.length ? boxes : [paragraph('The provider lists no episodes.')])];
}

function episodeName(series, episode) {
  const two = (number) => String(number).padStart(2, '0');
  return `${series} S${two(episode.season)}E${two(episode.episode)}`;
}

function seasonBox(title, season, episodes) {
  const box = make('season');
  $('h3', box).textContent = season === 0 ? 'Specials' : `Season ${season}`;
  const queueOne = (episode) =>
    enqueue({ name: episodeName(title, episode), url: `streamforge:episode/${episode.id}` });
  $('button', box).addEventListener('click', () => episodes.forEach(queueOne));
  $('ul', box).append(...episodes.map((episode) => {
    const row = make('row');
    $('.name', row).textContent = `${episode.episode}. ${episode.title ?? ''}`;
    $('button', row).setAttribute('aria-label', `Download ${episodeName(title, episode)}`);
    $('button', row).addEventListener('click', () => queueOne(episode));
    return row;
  }));
  return box;
}

let typing = 0;
$('#search').addEventListener('input', (event) => {
  clearTimeout(typing);
  typing = setTimeout(find, event.target.type === 'search' ? TYPING_PAUSE_MS : 0);
});
$('#search').addEventListener('submit', (event) => {
  event.preventDefault();
  find();
});
$('#more').addEventListener('click', () => find(true));

/* ---- A pasted link -------------------------------------------------------------------------- */

let batch = null;

const isPlaylist = (url) => /[?&]list=|\/playlist|\/channel\/|\/@|\/c\/|\/user\//.test(url);

async function lookUp(url) {
  batch?.close();
  $('#link-result').replaceChildren();
  say('link-note', 'Looking it up…');
  if (isPlaylist(url)) {
    readBatch(url);
    return;
  }
  try {
    const answer = await extract(url);
    const title = paragraph([answer.title, timeText(answer.duration)].filter(Boolean).join(' · '));
    $('#link-result').replaceChildren(title, pageOffer(answer, url));
    say('link-note', '');
  } catch (error) {
    say('link-note', error.message, true);
  }
}

/** Shows the videos of a playlist as they are found. */
function readBatch(url) {
  const list = document.createElement('ul');
  const all = document.createElement('button');
  const found = [];
  list.className = 'list';
  all.type = 'button';
  all.className = 'primary';
  all.addEventListener('click', () => found.forEach(({ title, url: page }) => enqueue({ name: title, url: page })));
  $('#link-result').replaceChildren(all, list);
  all.hidden = true;
  batch = new EventSource(`/api/batch?url=${encodeURIComponent(url)}`);
  batch.onmessage = (message) => {
    const event = JSON.parse(message.data);
    if (event.type === 'link') {
      found.push(event);
      list.append(batchRow(event));
      all.hidden = false;
      all.textContent = `Download all ${found.length}`;
      say('link-note', event.total ? `${found.length} of ${event.total}` : `${found.length} found`);
    } else if (event.type === 'done') {
      batch.close();
      say('link-note', found.length ? `${found.length} videos` : 'There are no videos in it.');
    } else if (event.type === 'error') {
      batch.close();
      say('link-note', event.message, true);
    }
  };
  batch.onerror = () => {
    if (batch.readyState === EventSource.CLOSED && !found.length)
      say('link-note', 'This link was refused: only sites in the settings are looked up.', true);
  };
}

function batchRow(link) {
  const row = make('row');
  $('.name', row).textContent = link.title;
  $('button', row).setAttribute('aria-label', `Download ${link.title}`);
  $('button', row).addEventListener('click', () => enqueue({ name: link.title, url: link.url }));
  return row;
}

$('#link').addEventListener('submit', (event) => {
  event.preventDefault();
  lookUp(new FormData(event.target).get('url').trim());
});

$('#paste').addEventListener('click', async () => {
  const field = $('#link input');
  try {
    field.value = (await navigator.clipboard.readText()).trim();
    $('#link').requestSubmit();
  } catch {
    field.focus();
    say('link-note', 'The browser does not allow it here: paste with Ctrl+V.');
  }
});

/* ---- Addresses and tuners ------------------------------------------------------------------- */

/** The clipboard API needs https or localhost; selecting and copying works everywhere. */
async function copy(button) {
  const code = $(`#${button.dataset.copy}`);
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code);
    document.execCommand('copy');
  }
  const label = button.textContent;
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = label; }, 1500);
}

for (const button of document.querySelectorAll('[data-copy]')) button.addEventListener('click', () => copy(button));

async function showTuners() {
  const tuners = await ask('/status.json').catch(() => null);
  if (!tuners) return;
  const used = tuners.filter((tuner) => tuner.VctNumber).length;
  $('#tuners').textContent = `${used} of ${tuners.length} tuners in use`;
}

showTuners();
restore();
find();
